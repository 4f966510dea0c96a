"""Whether what the guest does still works: memory, disks, network, random numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from qcompat.trial.live.report import Report
from qcompat.trial.trial import Check

_SILENT = "no answer within 5 s"
_MEMORY = "memory"
_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
"""The MD5 sum of no bytes."""


def check_work(before: Report, after: Report, patterns: Collection[str]) -> Iterator[Check]:
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


def _asked(report: Report, prefix: str) -> list[str]:
    return [name for name in report.text("asked").split() if name.startswith(prefix)]


def _answer(report: Report, name: str) -> str:
    return report.text(f"answers/{name}")


def _memory(after: Report, damage: list[str]) -> Check:
    kept, _, found = _answer(after, "memory").partition(" ")
    rounds = after.text("rounds") or "0"
    if damage:
        return Check("memory pattern", "broken", "as written", f"not so: {damage[0]}")
    if not kept or kept != found:
        return Check("memory pattern", "broken", kept or "written", found or _SILENT)
    return Check("memory pattern", "same", kept, f"{found}, rewritten {rounds} times beside it")


def _disk(
    name: str, before: Report, after: Report, patterns: Collection[str], damage: list[str]
) -> Check:
    disk = name.removeprefix("disk.")
    what = f"disk reads ({disk})"
    one, other = _answer(before, name), _answer(after, name)
    if damage:
        return Check(what, "broken", "as written", f"not so: {damage[0]}")
    expected = one if one or not patterns else "the pattern"
    if not other or (other != one and other not in patterns):
        return Check(what, "broken", expected, other or _SILENT)
    if one in patterns and other not in patterns:
        return Check(what, "broken", expected, f"{other}, which is no disk's pattern")
    if one and one != other:
        return Check(what, "changed", one, f"{other}, which is another disk's pattern")
    return Check(what, "same", one, other)


def _card(name: str, before: Report, after: Report) -> Iterator[Check]:
    """A card that nothing answered before, since it has no stand-in, says nothing."""
    what = f"network ({name.removeprefix('net.')})"
    one, other = (_answer(report, name).replace(" ", " of ") for report in (before, after))
    if not one or one.startswith("0"):
        return
    works = bool(other) and not other.startswith("0")
    told = f"{other} packets answered" if other else _SILENT
    yield Check(what, "same" if works else "broken", f"{one} packets answered", told)


def _random(name: str, before: Report, after: Report) -> Check:
    one, other = _answer(before, name), _answer(after, name)
    told = f"{other} bytes" if other else _SILENT
    works = bool(other) and other != "0"
    return Check("random numbers", "same" if works else "broken", f"{one} bytes", told)
