"""The machine types of a build as a list."""

from __future__ import annotations

from qcompat.builds.facts import MachineFact
from qcompat.machine.model import MachineFacts
from qcompat.machine.tables import added_by
from qcompat.report.machine.answers import MachineList
from qcompat.report.output import Output
from qcompat.report.terminal.plain import write_columns

_HEAD = ("machine type", "alias", "", "entries", "adds")


def write(answer: MachineList, out: Output) -> None:
    """One line a machine type, newest first; or, verbose, with the entries that it adds."""
    facts = answer.facts
    added = added_by(facts.tables)
    rows = [_HEAD]
    for machine in answer.chosen():
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
    if not out.verbose:
        write_columns(rows, out)
    else:
        for row in rows[1:]:
            out.write("  ".join(filter(None, row[:3])) + "\n")
            for entry in added.get(row[0], ()):
                out.write(f"    {entry.driver}.{entry.property}={entry.value}\n")
    out.write(f"tables {facts.origin} {_how(facts)}\n")


def _marks(machine: MachineFact) -> str:
    marks = ["default"] if machine.is_default else []
    return ", ".join([*marks, *(["deprecated"] if machine.deprecated else [])])


def _how(facts: MachineFacts) -> str:
    if facts.origin == "reported":
        return "by the build"
    return "from its devices: this build does not report its tables"
