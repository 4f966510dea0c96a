"""Each distinct entry of a build once, with the machine types and the table that have it."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from qcompat.machine.audit.indexed_facts import Reading
from qcompat.machine.audit.release import table_name
from qcompat.machine.model import CompatEntry


class Tabled(msgspec.Struct, frozen=True):
    """`table` is empty for what no release added: defaults of a board."""

    entry: CompatEntry
    machines: tuple[str, ...]
    table: str


def tabled(reading: Reading) -> tuple[Tabled, ...]:
    machines: defaultdict[CompatEntry, list[str]] = defaultdict(list)
    for machine, table in reading.facts.tables.items():
        for entry in dict.fromkeys(table):
            machines[entry].append(machine)
    return tuple(
        Tabled(entry, tuple(sorted(found)), _table(reading, entry))
        for entry, found in sorted(machines.items())
    )


def _table(reading: Reading, entry: CompatEntry) -> str:
    for release, entries in reading.added.items():
        if entry in entries:
            return table_name(release, entry.driver)
    return ""
