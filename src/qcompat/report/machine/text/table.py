"""The compat table of one machine type, entry by entry with what it reaches."""

from __future__ import annotations

from qcompat.report.machine.answers import CompatTable
from qcompat.report.machine.entries import Row, rows_of
from qcompat.report.output import Output
from qcompat.report.terminal.plain import listed, write_columns

_MOST = 3


def write(answer: CompatTable, out: Output) -> None:
    """The entries below the machine type that brought each."""
    facts, machine = answer.facts, answer.machine
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
            group.append(
                (f"{entry.driver}.{entry.property}={entry.value}", _reach(row, out.verbose))
            )
    if not facts.tables.get(machine):
        out.write(f"{machine} has no entries\n")


def _reach(row: Row, verbose: bool) -> str:
    if row.is_dead:
        return "dead: this build has no such type"
    if row.aborts:
        return f"makes QEMU abort when created: {', '.join(row.aborts[:_MOST])}"
    if not row.reaches:
        return "reaches no type"
    return listed(row.reaches, most=_MOST, verbose=verbose)
