"""A machine type that shipped gives a property another value than it did.

Four causes: the default changed and no entry keeps the old one; an entry is there but in
another release's table; it is there but not for all types; an entry came late, went or changed.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.source.lint.finding import Finding, PasteEntry, Severity
from qcompat.source.lint.pair import Pair, default_of, is_unknown
from qcompat.source.tree.properties import Property


class _Cause(msgspec.Struct, frozen=True):
    """What differs alike: the owner, the property, both values, and what the change is."""

    owner: str
    property: str
    before: str
    after: str
    lint: str


def find(pair: Pair) -> Iterator[Finding]:
    """All such changes, one finding a cause and set of machine types."""
    found: dict[_Cause, dict[str, list[str]]] = {}
    for type_ in pair.after.types.all:
        if type_ in pair.before.types.all:
            for cause, machine in _causes(pair, type_):
                found.setdefault(cause, {}).setdefault(type_, []).append(machine)
    for cause, types in found.items():
        machines = dict.fromkeys(one for each in types.values() for one in each)
        yield _finding(pair, cause, list(types), tuple(machines))
    yield from _unversioned(pair)


def _causes(pair: Pair, type_: str) -> Iterator[tuple[_Cause, str]]:
    """Each machine type under which a property of the type differs, with why."""
    ours, theirs = pair.before.types.properties(type_), pair.after.types.properties(type_)
    machines: list[str] | None = None
    for name, (owner, after) in theirs.items():
        if name not in ours:
            continue
        before = ours[name][1]
        changed = default_of(before) != default_of(after)
        has_rows = pair.has_row(False, type_, name) or pair.has_row(True, type_, name)
        if not changed and not has_rows:
            continue
        machines = pair.reached(type_) if machines is None else machines
        alike = not changed and _ancestry(pair, type_)
        for machine in machines:
            if alike and pair.is_same(name, machine):
                continue
            one = pair.value(False, type_, before, machine)
            other = pair.value(True, type_, after, machine)
            if one != other:
                lint = _lint(pair, type_, before, after, machine)
                yield _Cause(owner, name, one, other, lint), machine


def _ancestry(pair: Pair, type_: str) -> bool:
    """Whether a type has the same ancestors in both trees."""
    return pair.before.types.ancestors(type_) == pair.after.types.ancestors(type_)


def _lint(pair: Pair, type_: str, before: Property, after: Property, machine: str) -> str:
    earlier = pair.row(False, type_, before.name, machine)
    later = pair.row(True, type_, after.name, machine)
    if later is None and earlier is not None:
        return "entry_removed"
    if later is not None and earlier is None:
        return "entry_added_late"
    if later is not None:
        return "entry_value_changed"
    if pair.has_row(True, type_, after.name) and not pair.has_row(False, type_, after.name):
        return "entry_release_wrong"
    return "default_changed"


def _finding(pair: Pair, cause: _Cause, types: list[str], machines: tuple[str, ...]) -> Finding:
    after = pair.after.types.properties(types[0])[cause.property][1]
    before = pair.before.types.properties(types[0])[cause.property][1]
    lint, drivers = cause.lint, drivers_of(pair, cause.owner, cause.property, types)
    row = pair.has_row(True, types[0], cause.property)
    if lint == "default_changed" and _has_covered_siblings(pair, cause, types, machines):
        lint = "entry_sibling_missing"
    severity, reason = _severity(cause)
    place = (
        row.place
        if row and lint.startswith("entry_") and lint != "entry_sibling_missing"
        else after.place
    )
    entries = tuple(PasteEntry(each, cause.property, cause.before) for each in drivers)
    table, table_place = pair.table_for(machines, types)
    if lint == "entry_added_late" or is_unknown(cause.before):
        entries = ()
    if not table and severity == "breaks":
        reason, entries = "no_newer_machine_type", ()
    return Finding(
        lint=lint,
        severity=severity,
        subject=f"{cause.owner}.{cause.property}",
        reason=reason,
        before=cause.before,
        after=cause.after,
        here=place,
        there=before.place,
        types=tuple(sorted(_concrete(pair, types))),
        machines=machines,
        entries=entries,
        table=table if entries else "",
        table_place=table_place if entries else None,
        stands_in=pair.table_of(row) if row and lint == "entry_release_wrong" else "",
    )


def _severity(cause: _Cause) -> tuple[Severity, str]:
    if is_unknown(cause.before) or is_unknown(cause.after):
        return "unknown", "value_not_followed"
    if "<none>" in (cause.before, cause.after) and _is_nothing(cause.before, cause.after):
        return "harmless", "same_without_default"
    if cause.property in _HOST_SIDE:
        return "harmless", "host_side"
    return "breaks", ""


_HOST_SIDE = frozenset(("debug", "x-debug", "log-level"))


def _is_nothing(*values: str) -> bool:
    return all(each in ("<none>", "0", "off", "") for each in values)


def _has_covered_siblings(
    pair: Pair, cause: _Cause, types: list[str], machines: tuple[str, ...]
) -> bool:
    """Whether an entry keeps the value of other types that have the property of the same owner."""
    for name in pair.after.types.all:
        if name in types or name == cause.owner or name not in pair.before.types.all:
            continue
        found = pair.after.types.properties(name).get(cause.property)
        if found and found[0] == cause.owner and pair.row(True, name, cause.property, machines[0]):
            return True
    return False


def drivers_of(pair: Pair, owner: str, property_: str, types: list[str]) -> list[str]:
    """The fewest drivers that name those types: the owner where all of its types are meant."""
    real = [name for name in types if not pair.after.types.all[name].is_abstract]
    having = [
        name
        for name, each in pair.after.types.all.items()
        if name in pair.before.types.all
        and not each.is_abstract
        and pair.reached(name)
        and (found := pair.after.types.properties(name).get(property_))
        and found[0] == owner
    ]
    if set(having) <= set(real) or not real:
        return [owner]
    return sorted(
        each
        for each in real
        if not any(one in real for one in pair.after.types.ancestors(each)[1:])
    )


def _concrete(pair: Pair, types: list[str]) -> list[str]:
    return [each for each in types if not pair.after.types.all[each].is_abstract] or types


def _unversioned(pair: Pair) -> Iterator[Finding]:
    """Changed defaults of types that no versioned machine type can have: nothing to keep."""
    for name, type_ in pair.after.types.all.items():
        earlier = pair.before.types.all.get(name)
        if earlier is None or pair.reached(name):
            continue
        for key, after in type_.properties.items():
            before = earlier.properties.get(key)
            if before and default_of(before) != default_of(after):
                yield Finding(
                    lint="default_changed",
                    severity="harmless",
                    subject=f"{name}.{key}",
                    reason="no_versioned_machine_type",
                    before=default_of(before),
                    after=default_of(after),
                    here=after.place,
                    there=before.place,
                    types=(name,),
                )
