"""The entries of a compat table, each with the machine type that brought it and what it reaches."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.arch.machine_type import relatives, versioned
from qcompat.machine.layers import matches
from qcompat.machine.model import CompatEntry, MachineFacts
from qcompat.machine.resolve import aborting_entries, dead_entries
from qcompat.machine.tables import added_by


class Row(msgspec.Struct, frozen=True):
    """An entry, the machine type that brought it, and the concrete types that it reaches.

    `is_dead` says that the build has no type of the driver's name, `aborts` names types that
    the entry reaches and that lack the property: making one ends QEMU.
    """

    entry: CompatEntry
    release: str
    reaches: tuple[str, ...]
    is_dead: bool
    aborts: tuple[str, ...]


def rows_of(facts: MachineFacts, machine: str) -> Iterator[Row]:
    """The table of a machine type in the order of application."""
    table = facts.tables.get(machine, ())
    dead = set(dead_entries(facts.types, table))
    aborting = aborting_entries(facts.types, table)
    releases = _releases(facts, machine)
    for place, entry in enumerate(table):
        yield Row(
            entry,
            releases[place] if place < len(releases) else "",
            tuple(
                name
                for name, fact in sorted(facts.types.items())
                if not fact.is_abstract and matches(fact, entry.driver)
            ),
            entry in dead,
            tuple(sorted(name for each, name in aborting if each == entry)),
        )


def _releases(facts: MachineFacts, machine: str) -> list[str]:
    """The machine type that brought each entry: a table is the next newer one's and more."""
    asked, added = versioned(machine), added_by(facts.tables)
    if asked is None:
        return []
    newer = [each.name for each in relatives(machine, added) if not each.is_older_than(asked)]
    return [name for name in reversed(newer) for _ in added[name]]
