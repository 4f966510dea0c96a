"""Effective values of all devices under a machine type, and how two machine types differ.

What a running device shows counts first; where none could be made, the table's value does
(`resolve`), as far as the build reports a default.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.machine.cpu_defaults import comparable
from qcompat.machine.model import MachineFacts, Values
from qcompat.machine.resolve import Unknown, resolve
from qcompat.machine.value import are_equal, kind_of


class EffectiveDifference(msgspec.Struct, frozen=True, order=True):
    """A property that has another value on the target; None where an end has no such property."""

    type: str
    property: str
    source: str | None
    target: str | None


class EffectiveComparison(msgspec.Struct, frozen=True):
    """What differs, and the types that only one end has or that could not be compared."""

    differences: tuple[EffectiveDifference, ...]
    source_only: tuple[str, ...]
    target_only: tuple[str, ...]
    unknown: tuple[str, ...]
    compared: int


def effective(facts: MachineFacts, machine: str) -> dict[str, Values]:
    """The values of every type that are known, by type."""
    found = {
        name: told(facts, machine, name)
        for name, fact in facts.types.items()
        if not fact.is_abstract and "device" in fact.ancestors
    }
    observed = facts.observed.get(machine)
    if observed is not None:
        found |= {**observed.defaults, **observed.devices}
    return found


def compare_effective(
    source: MachineFacts, here: str, target: MachineFacts, there: str
) -> EffectiveComparison:
    """Compare machine type `here` of the source with `there` of the target."""
    source, target = comparable(source, target)
    ours, theirs = effective(source, here), effective(target, there)
    shared = sorted(ours.keys() & theirs.keys())
    return EffectiveComparison(
        differences=tuple(each for name in shared for each in _differences(name, ours, theirs)),
        source_only=tuple(sorted(ours.keys() - theirs.keys())),
        target_only=tuple(sorted(theirs.keys() - ours.keys())),
        unknown=tuple(name for name in shared if not ours[name] or not theirs[name]),
        compared=len(shared),
    )


def _differences(
    name: str, ours: dict[str, Values], theirs: dict[str, Values]
) -> Iterator[EffectiveDifference]:
    one, other = ours[name], theirs[name]
    if not one or not other:
        return
    for key in sorted(one.keys() | other.keys()):
        before, after = one.get(key), other.get(key)
        if before is None or after is None or not are_equal(before, after, kind_of(before)):
            yield EffectiveDifference(name, key, before, after)


def told(facts: MachineFacts, machine: str, name: str) -> Values:
    """What the table of a machine type gives a device type, as far as that is known."""
    table = facts.tables.get(machine, ())
    found = resolve(facts.types, table, name, facts.base.get(name, {}))
    return {each.property: each.value for each in found if not isinstance(each.value, Unknown)}
