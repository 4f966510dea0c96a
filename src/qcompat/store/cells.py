"""The results of a matrix's loads, by run, so that a run that was interrupted can go on.

A run is found by the digest of its question. The content of a cell belongs to the matrix; here
it is text. A cell that is added again replaces the earlier one.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import msgspec
from sqlalchemy import (
    Column,
    Engine,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    tuple_,
)

from qcompat.store.transaction import metadata, reading, writing

matrix_runs = Table(
    "matrix_runs",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("question", String(64), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)
matrix_cells = Table(
    "matrix_cells",
    metadata,
    Column("run", String(32), ForeignKey("matrix_runs.run"), primary_key=True),
    Column("machine", Text, primary_key=True),
    Column("guest", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("cell", Text, nullable=False),
)
_KEY = tuple_(
    matrix_cells.c.machine, matrix_cells.c.guest, matrix_cells.c.source, matrix_cells.c.target
)


class StoredCell(msgspec.Struct, frozen=True):
    """A cell: its key, and its content as text."""

    key: tuple[str, str, str, str]
    cell: str


def begin(engine: Engine, question: str) -> str:
    """Begin a new run of a question; it is the latest from now on."""
    run = uuid.uuid4().hex
    latest = select(func.coalesce(func.max(matrix_runs.c.number), 0)).where(
        matrix_runs.c.question == question
    )
    with writing(engine) as connection:
        number = int(connection.execute(latest).scalar_one()) + 1
        values = {"run": run, "question": question, "number": number, "seconds": 0.0}
        connection.execute(insert(matrix_runs).values(values))
    return run


def latest(engine: Engine, question: str) -> tuple[str, float] | None:
    """The latest run of a question, and the seconds that it has taken; None before the first."""
    wanted = (
        select(matrix_runs.c.run, matrix_runs.c.seconds)
        .where(matrix_runs.c.question == question)
        .order_by(matrix_runs.c.number.desc())
        .limit(1)
    )
    with reading(engine) as connection:
        row = connection.execute(wanted).first()
    return (str(row.run), float(row.seconds)) if row else None


def add(engine: Engine, run: str, cells: Sequence[StoredCell], seconds: float) -> None:
    """Add cells to a run, all of them or none, and the seconds that it has taken so far.

    Where a cell comes twice, the last one counts.
    """
    last = {cell.key: cell.cell for cell in cells}
    rows = [dict(zip(_COLUMNS, (run, *key, text), strict=True)) for key, text in last.items()]
    with writing(engine) as connection:
        for start in range(0, len(last), _AT_ONCE):
            keys = list(last)[start : start + _AT_ONCE]
            connection.execute(
                delete(matrix_cells).where(matrix_cells.c.run == run, _KEY.in_(keys))
            )
        if rows:
            connection.execute(insert(matrix_cells), rows)
        connection.execute(
            matrix_runs.update().where(matrix_runs.c.run == run).values(seconds=seconds)
        )


def cells(engine: Engine, run: str) -> tuple[str, ...]:
    """The contents of a run's cells, in no order."""
    with reading(engine) as connection:
        wanted = select(matrix_cells.c.cell).where(matrix_cells.c.run == run)
        return tuple(connection.execute(wanted).scalars())


_COLUMNS = ("run", "machine", "guest", "source", "target", "cell")
_AT_ONCE = 200
"""Keys in one statement: some builds of SQLite take no more than 999 values."""
