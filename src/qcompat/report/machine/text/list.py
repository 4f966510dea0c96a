"""The machine types of a build as a list, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

import msgspec

from qcompat.builds.facts import MachineFact
from qcompat.machine.model import CompatEntry, MachineFacts
from qcompat.machine.tables import added_by, parse_version
from qcompat.report.output import write_document
from qcompat.report.terminal.columns import write_columns

SCHEMA = "qcompat.machines/1"

_HEAD = ("machine type", "alias", "", "entries", "adds")


def write_list(facts: MachineFacts, family: str | None, out: TextIO, *, verbose: bool) -> None:
    """One line a machine type, newest first; with `verbose` the entries that it adds."""
    added = added_by(facts.tables)
    rows = [_HEAD]
    for machine in _chosen(facts, family):
        table = facts.tables.get(machine.name)
        rows.append(
            (
                machine.name,
                machine.alias,
                _marks(machine),
                "" if table is None else str(len(table)),
                str(len(added[machine.name])) if machine.name in added else "",
            )
        )
    if not verbose:
        write_columns(rows, out)
    else:
        for row in rows[1:]:
            out.write("  ".join(filter(None, row[:3])) + "\n")
            for entry in added.get(row[0], ()):
                out.write(f"    {entry.driver}.{entry.property}={entry.value}\n")
    out.write(f"tables {facts.origin} by {_whom(facts)}\n")


def write_json(facts: MachineFacts, family: str | None, out: TextIO) -> None:
    """All of it."""
    added = added_by(facts.tables)
    machines = [
        {
            **msgspec.to_builtins(machine),
            "entries": len(facts.tables.get(machine.name, ())),
            "adds": [_entry(entry) for entry in added.get(machine.name, ())],
        }
        for machine in _chosen(facts, family)
    ]
    document = {"schema": SCHEMA, "identity": facts.identity, "origin": facts.origin}
    write_document(document | {"machines": machines}, out)


def _chosen(facts: MachineFacts, family: str | None) -> Iterator[MachineFact]:
    for machine in facts.machines:
        version = parse_version(machine.name)
        if family is None or (version is not None and version.family == family):
            yield machine


def _marks(machine: MachineFact) -> str:
    marks = ["default"] if machine.is_default else []
    return ", ".join([*marks, *(["deprecated"] if machine.deprecated else [])])


def _whom(facts: MachineFacts) -> str:
    if facts.origin == "reported":
        return "the build"
    return "what its devices say: this build does not report its tables"


def _entry(entry: CompatEntry) -> dict[str, str]:
    return {"driver": entry.driver, "property": entry.property, "value": entry.value}
