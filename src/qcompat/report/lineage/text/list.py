"""All recorded guests, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

from qcompat.lineage.lineage import Lineage
from qcompat.report.output import write_document
from qcompat.report.terminal.plain import write_columns

SCHEMA = "qcompat.guest-list/1"


def write_text(found: Sequence[Lineage], out: TextIO) -> None:
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


def write_json(found: Sequence[Lineage], out: TextIO) -> None:
    """The same, as a document."""
    write_document({"schema": SCHEMA, "guests": list(map(_plain, found))}, out)


def _plain(lineage: Lineage) -> dict[str, Any]:
    life = lineage.life
    return {
        "guest": lineage.name,
        "is_on": life is not None,
        "build": life.here.build if life else None,
        "since": life.here.since if life else None,
        "born_on": life.born.build if life else None,
        "moves": len(life.stays) - 1 if life else 0,
        "marks": life.marks if life else (),
    }
