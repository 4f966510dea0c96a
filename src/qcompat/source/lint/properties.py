"""A property is new, or is gone.

A new property without an entry is right where its default keeps what the device did before.
That a switch is off by default says so; a switch that is on, or a number, may be either.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.source.lint.finding import Finding, PasteEntry, Severity
from qcompat.source.lint.pair import Pair, default_of
from qcompat.source.lint.values import drivers_of
from qcompat.source.tree.properties import Property

_NOTHING = frozenset(("off", "0", "<none>", "auto", "-1", "", "none", "4294967295",
                      "18446744073709551615", "65535", "255"))  # fmt: skip

_RELEASES = 3


def find(pair: Pair) -> Iterator[Finding]:
    """New properties of types that both have, and those that are gone."""
    for name, type_ in pair.after.types.all.items():
        if name not in pair.before.types.all:
            continue
        known = pair.before.types.properties(name)
        for key, each in type_.properties.items():
            if key not in known and not pair.before.types.has_added(name, key):
                yield from _added(pair, name, each)
    yield from _removed(pair)


def _added(pair: Pair, owner: str, each: Property) -> Iterator[Finding]:
    types = [
        name
        for name in pair.after.types.all
        if name in pair.before.types.all
        and pair.after.types.properties(name).get(each.name) == (owner, each)
        and each.name not in pair.before.types.properties(name)
        and not pair.after.types.all[name].is_abstract
    ]
    if not types:
        return
    rows = [(name, pair.has_row(True, name, each.name)) for name in types]
    if any(row for _, row in rows):
        yield from _misplaced(pair, owner, each, types)
        return
    severity, reason = _judged(pair, types, default_of(each))
    machines = tuple(dict.fromkeys(one for name in types for one in pair.reached(name)))
    table, place = pair.table_for(machines, types)
    drivers = drivers_of(pair, owner, each.name, [*types, owner])
    entries = tuple(PasteEntry(one, each.name, _older(default_of(each))) for one in drivers)
    useful = severity == "suspicious"
    yield Finding(
        lint="property_added",
        severity=severity,
        subject=f"{owner}.{each.name}",
        reason=reason,
        after=default_of(each),
        here=each.place,
        types=tuple(sorted(types)),
        machines=machines if useful else (),
        entries=entries if useful else (),
        table=table if useful else "",
        table_place=place if useful else None,
    )


def _judged(pair: Pair, types: list[str], default: str) -> tuple[Severity, str]:
    if not any(pair.reached(name) for name in types):
        return "harmless", "no_versioned_machine_type"
    if default in _NOTHING:
        return "harmless", "default_is_off"
    return "suspicious", "default_may_change_behaviour"


def _older(default: str) -> str:
    return {"on": "off", "off": "on"}.get(default, "0")


def _misplaced(pair: Pair, owner: str, each: Property, types: list[str]) -> Iterator[Finding]:
    """An entry is there: it must reach every machine type that shipped without the property."""
    lacking: dict[tuple[str, ...], list[str]] = {}
    for name in types:
        reached = pair.reached(name)
        missing = tuple(one for one in reached if not pair.row(True, name, each.name, one))
        if missing:
            lacking.setdefault(missing, []).append(name)
    for machines, names in lacking.items():
        row = pair.has_row(True, names[0], each.name)
        every = (found for name in types if (found := pair.has_row(True, name, each.name)))
        known = row or next(every, None)
        if known is None or known.value == default_of(each):
            continue
        table, place = pair.table_for(machines, names)
        drivers = drivers_of(pair, owner, each.name, names)
        yield Finding(
            lint="entry_release_wrong" if row else "entry_sibling_missing",
            severity="suspicious" if row and _is_conversion(machines) else "breaks",
            subject=f"{owner}.{each.name}",
            reason="entry_is_much_older" if row and _is_conversion(machines) else "new_property",
            before=known.value,
            after=default_of(each),
            here=known.place,
            types=tuple(sorted(names)),
            machines=machines,
            entries=tuple(PasteEntry(one, each.name, known.value) for one in drivers),
            table=table,
            table_place=place,
            stands_in=pair.table_of(known) if row else "",
        )


def _is_conversion(machines: tuple[str, ...]) -> bool:
    """Whether the entry is for machine types much older than the newest that shipped.

    Then code that knew machine types became a property; who errs errs by a release or two.
    """
    boards = [each.rpartition("-")[0] for each in machines]
    return max(map(boards.count, boards)) > _RELEASES


def _removed(pair: Pair) -> Iterator[Finding]:
    """A property that a shipped machine type sets, and that is gone with its entry."""
    for name, type_ in pair.before.types.all.items():
        if name not in pair.after.types.all:
            continue
        now = pair.after.types.properties(name)
        for key, each in type_.properties.items():
            if key in now or pair.after.types.has_added(name, key):
                continue
            held = [one for one in pair.reached(name) if _holds(pair, name, each, one)]
            yield Finding(
                lint="property_removed",
                severity="suspicious" if held else "harmless",
                subject=f"{name}.{key}",
                reason="machine_types_set_it" if held else "no_shipped_machine_type_sets_it",
                before=default_of(each),
                there=each.place,
                here=pair.after.types.all[name].place,
                types=(name,),
                machines=tuple(held),
            )


def _holds(pair: Pair, type_: str, each: Property, machine: str) -> bool:
    row = pair.row(False, type_, each.name, machine)
    return row is not None and pair.value(False, type_, each, machine) != default_of(each)
