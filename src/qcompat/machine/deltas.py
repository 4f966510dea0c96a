"""What devices show under many machine types, stored as the changes from each to the next.

Neighbouring machine types differ in few values, so that sixty machine types of a build take hardly
more space than one, and equal values are one object in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from qcompat.machine.model import Observed, Values

T = TypeVar("T")


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one type changed: new values, and properties that it lost."""

    values: Values = {}
    lost: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """Types with other values than before, and types that are gone."""

    changed: Mapping[str, Change] = {}
    gone: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One machine type, by its changes from the one before."""

    machine: str
    devices: Said
    defaults: Said
    skipped: Change


def to_steps(observed: Iterable[Observed]) -> tuple[Step, ...]:
    """The changes from each to the next; the first starts from nothing."""
    before = Observed("", {})
    steps = []
    for each in observed:
        steps.append(
            Step(
                each.machine,
                _said(before.devices, each.devices),
                _said(before.defaults, each.defaults),
                _change(before.skipped, each.skipped),
            )
        )
        before = each
    return tuple(steps)


def from_steps(steps: Iterable[Step]) -> dict[str, Observed]:
    """The observations that the changes lead to, by machine type."""
    before = Observed("", {})
    found = {}
    for step in steps:
        before = Observed(
            step.machine,
            _after(before.devices, step.devices),
            _after(before.defaults, step.defaults),
            _changed(before.skipped, step.skipped),
        )
        found[step.machine] = before
    return found


def _said(before: Mapping[str, Values], after: Mapping[str, Values]) -> Said:
    return Said(
        {
            name: _change(before.get(name, {}), values)
            for name, values in after.items()
            if name not in before or before[name] != values
        },
        _gone(before, after),
    )


def _change(before: Values, after: Values) -> Change:
    values = {name: value for name, value in after.items() if before.get(name) != value}
    return Change(values, _gone(before, after))


def _gone(before: Mapping[str, T], after: Mapping[str, T]) -> tuple[str, ...]:
    return tuple(name for name in before if name not in after)


def _after(before: Mapping[str, Values], said: Said) -> dict[str, Values]:
    changed = {name: _changed(before.get(name, {}), each) for name, each in said.changed.items()}
    return _without({**before, **changed}, said.gone)


def _changed(before: Values, change: Change) -> Values:
    return _without({**before, **change.values}, change.lost)


def _without(merged: dict[str, T], gone: tuple[str, ...]) -> dict[str, T]:
    """`merged`, changed in place, without some names."""
    for name in gone:
        merged.pop(name, None)
    return merged
