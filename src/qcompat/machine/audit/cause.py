"""From differing profiles to causes: the shape of a difference over the releases, and its reach.

The shape shows the mistake. Values that differ up to the newest shared machine type come from a
changed default; those that agree again on newer ones from an entry that only one build has; those
that differ only between two releases from one entry in two tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

import msgspec

from qcompat.machine.audit.entries import cover, entries_for
from qcompat.machine.audit.finding import Audit
from qcompat.machine.audit.pair import Pair, Profile, ValuePair
from qcompat.machine.audit.release import Release, table_name

Shape = Literal["default", "late", "lost", "moved"]


class Cause(msgspec.Struct, frozen=True):
    """One cause: the types and machine types that differ in the same way.

    `newest` holds the values of the newest machine type that differs; `below` is the newest older
    release on which the builds agree again, empty where there is none (`moved` always has one,
    `default` where an older table has an entry).
    """

    shape: Shape
    property: str
    types: tuple[str, ...]
    machines: tuple[str, ...]
    newest: ValuePair
    below: Release
    is_observed: bool


@lru_cache(maxsize=1)
def causes(pair: Pair) -> tuple[Cause, ...]:
    """All value differences of a pair, each once."""
    groups: defaultdict[tuple[object, ...], list[Profile]] = defaultdict(list)
    for profile in pair.profiles:
        different = [told for told in profile.told if told.differs]
        values = frozenset((told.value, told.reference) for told in different)
        key = (shape(profile.told), profile.property, values, different[0].release[:2])
        groups[key].append(profile)
    return tuple(_cause(profiles) for profiles in groups.values())


def shape(told: tuple[ValuePair, ...]) -> Shape:
    """How values differ over the releases, newest first."""
    if told[0].differs:
        return "default"
    if not told[-1].differs:
        return "moved"
    is_late = _varies(each.value for each in told) and not _varies(each.reference for each in told)
    return "late" if is_late else "lost"


def _varies(values: Iterable[str]) -> bool:
    return len(set(values)) > 1


def _cause(profiles: list[Profile]) -> Cause:
    different = [told for profile in profiles for told in profile.told if told.differs]
    newest = max(different, key=lambda told: told.release)
    oldest = min(told.release for told in different)
    agreed = (told.release for each in profiles for told in each.told if told.release < oldest)
    machines = {told.machine: told.release for told in different}
    return Cause(
        shape=shape(profiles[0].told),
        property=profiles[0].property,
        types=tuple(sorted({profile.type for profile in profiles})),
        machines=tuple(sorted(machines, key=lambda name: (machines[name], name), reverse=True)),
        newest=newest,
        below=max(agreed, default=()),
        is_observed=any(profile.is_observed for profile in profiles),
    )


def as_audit(cause: Cause, pair: Pair, lint: str, value: str, explanation: str) -> Audit:
    """A lint's finding for this cause; an entry with `value` repairs it."""
    driver = cover(pair, cause.property, cause.types)
    return Audit(
        lint=lint,
        severity="breaks",
        certainty="certain" if cause.is_observed else "likely",
        explanation=explanation,
        driver=driver,
        property=cause.property,
        types=cause.types,
        machines=cause.machines,
        value=cause.newest.value,
        reference=cause.newest.reference,
        against=(pair.reference.name,),
        entries=entries_for(driver, cause.types, cause.property, value),
        table=table_name(cause.newest.release, driver or cause.types[0]),
    )
