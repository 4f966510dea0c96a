"""The entries of a build's tables, and the driver to write into a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from qcompat.machine.audit.indexed_facts import IndexedFacts
from qcompat.machine.audit.pair import Pair
from qcompat.machine.audit.release import table_name
from qcompat.machine.model import CompatEntry


class TabledEntry(msgspec.Struct, frozen=True):
    """An entry; `table` is empty for what no release added: the defaults of a board."""

    entry: CompatEntry
    machines: tuple[str, ...]
    table: str


def tabled_entries(audited: IndexedFacts) -> tuple[TabledEntry, ...]:
    """Each distinct entry once, with the machine types and the table that have it."""
    machines: defaultdict[CompatEntry, list[str]] = defaultdict(list)
    for machine, table in audited.facts.tables.items():
        for entry in dict.fromkeys(table):
            machines[entry].append(machine)
    return tuple(
        TabledEntry(entry, tuple(sorted(found)), _table(audited, entry))
        for entry, found in sorted(machines.items())
    )


def _table(audited: IndexedFacts, entry: CompatEntry) -> str:
    for release, entries in audited.added.items():
        if entry in entries:
            return table_name(release, entry.driver)
    return ""


def cover(pair: Pair, property: str, types: tuple[str, ...]) -> str:
    """The narrowest driver that reaches these types and no others that are known to agree.

    One that a table of either build uses for this property comes first: its authors chose it.
    All types that it reaches must have the property, or the entry would abort QEMU.
    Empty where no single name works: then each type needs its own entry.
    """
    if len(types) == 1:
        return types[0]
    agreeing = {type for type, name in pair.compared if name == property} - set(types)
    fitting = {
        name
        for name, reached in pair.audited.reach.items()
        if reached >= set(types)
        and not reached & agreeing
        and all(pair.audited.has_property((type, property)) is not False for type in reached)
    }
    used = fitting & {*_used(pair.audited, property), *_used(pair.reference, property)}
    return pair.audited.narrowest(used) or pair.audited.narrowest(fitting)


def entries_for(
    driver: str, types: tuple[str, ...], property: str, value: str
) -> tuple[CompatEntry, ...]:
    """The rows to paste: one for the driver, or one for each type."""
    return tuple(CompatEntry(each, property, value) for each in ((driver,) if driver else types))


def _used(audited: IndexedFacts, property: str) -> Iterator[str]:
    for table in audited.facts.tables.values() if audited.has_tables else ():
        yield from (entry.driver for entry in table if entry.property == property)
