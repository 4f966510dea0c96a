"""All recorded guests, a line each."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.lineage.lineage import Lineage
from qcompat.report.output import Output
from qcompat.report.terminal.plain import write_columns


def write(found: Sequence[Lineage], out: Output) -> None:
    """Where each guest runs, or that it is off."""
    head = ("guest", "runs on", "since", "started on", "moves", "marks")
    write_columns([head, *map(_row, found)], out)


def _row(lineage: Lineage) -> tuple[str, ...]:
    cycle = lineage.cycle
    if cycle is None:
        return (lineage.name, "off", "", "", "", "")
    moves, marks = len(cycle.placements) - 1, len(cycle.marks)
    return (
        lineage.name,
        cycle.current.build,
        cycle.current.since,
        cycle.started.build,
        str(moves),
        str(marks),
    )
