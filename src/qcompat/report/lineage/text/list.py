"""All recorded guests, a line each."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.lineage.lineage import Lineage
from qcompat.report.output import Output
from qcompat.report.terminal.plain import write_columns


def write(found: Sequence[Lineage], out: Output) -> None:
    """Where each guest lives; those that are off are told as such."""
    head = ("guest", "lives on", "since", "born on", "moves", "marks")
    write_columns([head, *map(_row, found)], out)


def _row(lineage: Lineage) -> tuple[str, ...]:
    life = lineage.life
    if life is None:
        return (lineage.name, "off", "", "", "", "")
    moves, marks = len(life.stays) - 1, len(life.marks)
    return (
        lineage.name,
        life.here.build,
        life.here.since,
        life.born.build,
        str(moves),
        str(marks),
    )
