"""From a text to its explanation: which message matters, what follows, which causes fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from qcompat.explain.catalogue import ROLES, Cause, catalogue, causes_of
from qcompat.explain.details import details_of
from qcompat.explain.explanation import Details, Explanation, Problem, Said, filled
from qcompat.explain.search import Found, search
from qcompat.explain.text import LogText, log_text

START = "starting up libvirt version"
"""With this libvirt begins a guest's log anew (src/qemu/qemu_domain.c), so one has many starts."""
_MOST_SHOWN = 400


def explain(text: str, *, is_cut: bool = False) -> Explanation:
    """What a log says. The text may be of any kind and length."""
    log = log_text(text)
    found = search(log)
    if not found and len(log.lines) > 1:
        log = log_text(text, unwrapped=True)
        found = search(log)
    if not found:
        from qcompat.explain.nearest import nearest  # most texts have no need of it

        return Explanation((), nearest=nearest(log), is_cut=is_cut)
    starts = _starts(log.flat)
    chosen = _problems(found, starts)
    problems = tuple(_problem(each, found, log, starts) for each in chosen)
    told = {(each.family, tuple(each.values.items())) for each in chosen}
    rest = [each for each in found if (each.family, tuple(each.values.items())) not in told]
    return Explanation(problems, tuple(_counted(rest, log)), is_cut=is_cut)


def _starts(flat: str) -> list[int]:
    places: list[int] = []
    place = flat.find(START)
    while place >= 0 and len(places) < 10_000:
        places.append(place)
        place = flat.find(START, place + 1)
    return places


def _problems(found: Sequence[Found], starts: Sequence[int]) -> list[Found]:
    """What to look at, first things first: the newest start of the guest, then earlier ones."""
    by_start: dict[int, list[Found]] = {}
    for each in found:
        by_start.setdefault(bisect_right(starts, each.start), []).append(each)
    told: dict[tuple[object, ...], Found] = {}
    for _, those in sorted(by_start.items(), reverse=True):
        for each in _telling(those):
            told.setdefault((each.family, *each.values.items()), each)
    return list(told.values())


def _telling(found: Sequence[Found]) -> list[Found]:
    """Those of the best role there is; a message that follows from one before it is none."""
    families = catalogue().families
    best = min(ROLES.index(families[each.family].role) for each in found)
    those = [each for each in found if families[each.family].role == ROLES[best]]
    if ROLES[best] != "cause":
        return those[:1]
    seen: set[str] = set()
    telling = []
    for each in those:
        if not seen.intersection(families[each.family].follows):
            telling.append(each)
        seen.add(each.family)
    return telling


def _problem(each: Found, found: Sequence[Found], log: LogText, starts: Sequence[int]) -> Problem:
    family = catalogue().families[each.family]
    said = _said(each, log)
    told = {**each.values, "said": said.text, "ended": _ended(each, found)}
    details = details_of(told, _section(each, found))
    causes = (filled(cause, details) for cause in _fitting(causes_of(each.family), details))
    return Problem(
        said=said,
        means=family.says.format_map(Details(details)),
        by=each.message.printed.by,
        on=each.message.printed.on,
        device=details.get("device", ""),
        details=details,
        causes=tuple(causes),
        references=family.references,
        is_earlier=bisect_right(starts, each.start) < len(starts),
    )


def _section(each: Found, found: Sequence[Found]) -> str:
    """The section that failed: what the next messages name, before the next thing goes wrong."""
    families = catalogue().families
    if "block" in each.values or "device" in each.values:
        return each.values.get("device", "")
    state = ""
    for other in found[found.index(each) + 1 :]:
        if families[other.family].role == "cause" and other.family != each.family:
            break
        if device := other.values.get("device"):
            return device
        state = state or other.values.get("state", "")
    return state


def _ended(each: Found, found: Sequence[Found]) -> str:
    """The reason with which the load then failed, such as `Invalid argument`; empty if untold."""
    after = found[found.index(each) :]
    return next((other.values["ended"] for other in after if "ended" in other.values), "")


def _fitting(causes: Iterable[Cause], details: Mapping[str, str]) -> list[Cause]:
    return [cause for cause in causes if _holds(cause.when, details)]


def _holds(when: Mapping[str, tuple[str, ...]], details: Mapping[str, str]) -> bool:
    return all(
        any(fnmatchcase(details.get(name, ""), pattern) for pattern in patterns)
        for name, patterns in when.items()
    )


def _said(each: Found, log: LogText) -> Said:
    family = catalogue().families[each.family]
    text = log.flat[each.start : min(each.end, each.start + _MOST_SHOWN)]
    return Said(log.line_at(each.start), text, each.family, family.role, family.title)


def _counted(found: Iterable[Found], log: LogText) -> list[Said]:
    """Each message once, with how often it stands there."""
    counted: dict[str, Said] = {}
    for each in found:
        said = _said(each, log)
        before = counted.get(said.text)
        counted[said.text] = (
            msgspec.structs.replace(before, count=before.count + 1) if before else said
        )
    return list(counted.values())
