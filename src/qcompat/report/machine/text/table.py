"""The compat table of one machine type, entry by entry with what it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

import msgspec

from qcompat.machine.layers import matches
from qcompat.machine.model import CompatEntry, MachineFacts
from qcompat.machine.resolve import aborting_entries, dead_entries
from qcompat.machine.tables import added_by, parse_version
from qcompat.report.output import write_document
from qcompat.report.terminal.columns import write_columns

SCHEMA = "qcompat.machine-table/1"

_MOST = 3


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


def write_table(facts: MachineFacts, machine: str, out: TextIO, *, verbose: bool) -> None:
    """The entries below the machine type that brought each."""
    last = None
    group: list[tuple[str, str]] = []
    for row in [*rows_of(facts, machine), None]:
        if row is None or row.release != last:
            if group:
                out.write(f"{last or machine}\n")
                write_columns(group, out, "  ")
            group, last = [], row.release if row else None
        if row is not None:
            entry = row.entry
            group.append((f"{entry.driver}.{entry.property}={entry.value}", _reach(row, verbose)))
    if not facts.tables.get(machine):
        out.write(f"{machine} has no entries\n")


def write_json(facts: MachineFacts, machine: str, out: TextIO) -> None:
    """All of it."""
    rows = [msgspec.to_builtins(row) for row in rows_of(facts, machine)]
    document = {
        "schema": SCHEMA,
        "identity": facts.identity,
        "machine": machine,
        "origin": facts.origin,
        "entries": rows,
    }
    write_document(document, out)


def _reach(row: Row, verbose: bool) -> str:
    if row.is_dead:
        return "dead: this build has no such type"
    if row.aborts:
        return f"ends QEMU when made: {', '.join(row.aborts[:_MOST])}"
    if not row.reaches:
        return "reaches no type"
    shown = row.reaches if verbose else row.reaches[:_MOST]
    more = len(row.reaches) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _releases(facts: MachineFacts, machine: str) -> list[str]:
    """The machine type that brought each entry: a table is the next newer one's and more."""
    version = parse_version(machine)
    if version is None:
        return []
    added = added_by(facts.tables)
    family = [
        (found.version, name)
        for name in added
        if (found := parse_version(name)) and found.family == version.family
    ]
    newer = sorted((v, n) for v, n in family if v >= version.version)
    return [name for _, name in reversed(newer) for _ in added[name]]
