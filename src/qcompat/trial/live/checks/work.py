"""Whether the guest still works: memory, disks, network, random numbers, clocks, heartbeat."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from qcompat.trial.live.agent.messages import Beat, GuestReport
from qcompat.trial.trial import Check

_SILENT = "no answer within 5 s"
_MEMORY = "memory"
_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
"""The MD5 sum of no bytes."""
_MESSAGES_SHOWN = 3
_HEARTBEAT = "heartbeat"


def check_work(
    before: GuestReport, after: GuestReport, patterns: Collection[str]
) -> Iterator[Check]:
    """`patterns` are the MD5 sums of what was put on the disks."""
    damage = after.text("damage").splitlines()
    yield _memory(after, [line for line in damage if line.startswith(_MEMORY)])
    for name in _asked(after, "disk."):
        if _answer(before, name) == _NOTHING:
            continue  # a drive without a medium
        mine = [line for line in damage if name.removeprefix("disk.") in line.split()]
        yield _disk(name, before, after, patterns, mine)
    for name in _asked(after, "net."):
        yield from _card(name, before, after)
    for name in _asked(after, "rng"):
        yield _random(name, before, after)


def _asked(report: GuestReport, prefix: str) -> list[str]:
    return [name for name in report.text("asked").split() if name.startswith(prefix)]


def _answer(report: GuestReport, name: str) -> str:
    return report.text(f"answers/{name}")


def _memory(after: GuestReport, damage: list[str]) -> Check:
    kept, _, found = _answer(after, "memory").partition(" ")
    rounds = after.text("rounds") or "0"
    if damage:
        return Check("memory pattern", "broken", "as written", f"wrong: {damage[0]}")
    if not kept or kept != found:
        return Check("memory pattern", "broken", kept or "written", found or _SILENT)
    return Check("memory pattern", "same", kept, f"{found}, rewritten {rounds} times beside it")


def _disk(
    name: str, before: GuestReport, after: GuestReport, patterns: Collection[str], damage: list[str]
) -> Check:
    disk = name.removeprefix("disk.")
    what = f"disk reads ({disk})"
    one, other = _answer(before, name), _answer(after, name)
    if damage:
        return Check(what, "broken", "as written", f"wrong: {damage[0]}")
    expected = one if one or not patterns else "the pattern"
    if not other or (other != one and other not in patterns):
        return Check(what, "broken", expected, other or _SILENT)
    if one in patterns and other not in patterns:
        return Check(what, "broken", expected, f"{other}, which is no disk's pattern")
    if one and one != other:
        return Check(what, "changed", one, f"{other}, which is another disk's pattern")
    return Check(what, "same", one, other)


def _card(name: str, before: GuestReport, after: GuestReport) -> Iterator[Check]:
    """A card that nothing answered before (it has no stand-in) is not checked."""
    what = f"network ({name.removeprefix('net.')})"
    one, other = (_answer(report, name).replace(" ", " of ") for report in (before, after))
    if not one or one.startswith("0"):
        return
    works = bool(other) and not other.startswith("0")
    told = f"{other} packets answered" if other else _SILENT
    yield Check(what, "same" if works else "broken", f"{one} packets answered", told)


def _random(name: str, before: GuestReport, after: GuestReport) -> Check:
    one, other = _answer(before, name), _answer(after, name)
    told = f"{other} bytes" if other else _SILENT
    works = bool(other) and other != "0"
    return Check("random numbers", "same" if works else "broken", f"{one} bytes", told)


def check_clock(before: GuestReport, after: GuestReport, *, was_reset: bool) -> Iterator[Check]:
    one, other = before.text("clocksource"), after.text("clocksource")
    yield Check("clock source", "same" if one == other else "changed", one, other)
    if not was_reset:
        yield from _times(before, after)
    yield from _messages(after)


def _times(before: GuestReport, after: GuestReport) -> Iterator[Check]:
    names = ("uptime", "time of day")
    times = zip(before.text("time").split(), after.text("time").split(), strict=False)
    for name, (one, other) in zip(names, times, strict=False):
        forwards = float(other) >= float(one)
        yield Check(name, "same" if forwards else "broken", f"{one} s", f"{other} s")


def _messages(after: GuestReport) -> Iterator[Check]:
    """Errors of the kernel are shown, but are no drift: a slow host causes some as well."""
    lines = [line.partition(">")[2].strip() for line in after.text("messages").splitlines()]
    if lines:
        rest = f" and {len(lines) - _MESSAGES_SHOWN} more" if len(lines) > _MESSAGES_SHOWN else ""
        yield Check("kernel messages", "same", "", " / ".join(lines[:_MESSAGES_SHOWN]) + rest)


def check_heartbeat(beats: Sequence[Beat]) -> Check:
    """`beats` are those of one boot, from the last one before the hop began."""
    if len(beats) < 2:
        return Check(_HEARTBEAT, "broken", "ten a second", "silent")
    before = f"beat {beats[0].number}"
    for one, other in pairwise(beats):
        if other.number != one.number + 1:
            lost = f"beat {other.number} follows beat {one.number}"
            return Check(_HEARTBEAT, "broken", before, lost)
        if other.uptime < one.uptime:
            lost = f"its uptime went from {one.uptime} s to {other.uptime} s"
            return Check(_HEARTBEAT, "broken", before, lost)
    gap = max(other.at - one.at for one, other in pairwise(beats)) * 1000
    return Check(_HEARTBEAT, "same", before, f"beat {beats[-1].number}, longest gap {gap:.0f} ms")
