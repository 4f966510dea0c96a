"""The steps of the tables: up, down and up again, on both databases; equal to what is declared."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

import qcompat.store.lineages
import qcompat.store.portraits
from qcompat.lineage.event import Off
from qcompat.store.database import connect
from qcompat.store.lineages import append, events, lineage
from qcompat.store.migrate import current, migrate, steps
from qcompat.store.transaction import metadata, reading
from tests.lineage.events import started

assert qcompat.store.lineages
assert qcompat.store.portraits


def test_the_steps_make_the_declared_tables(store_url: str) -> None:
    engine = connect(store_url)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _is_declared})
        assert compare_metadata(context, metadata) == []


def test_down_and_up_again_leaves_the_tables_as_they_were(store_url: str) -> None:
    engine = connect(store_url)
    before = _tables(engine)
    migrate(engine, "base")
    assert _tables(engine) - {"alembic_version"} == set()
    migrate(engine)
    assert _tables(engine) == before
    with reading(engine) as connection:
        assert current(connection, engine) == steps()[-1]


def test_a_later_step_keeps_what_was_recorded(store_url: str) -> None:
    """Every step behind the first goes down and up with a guest recorded in between."""
    engine = connect(store_url)
    recorded = append(engine, append(engine, lineage(engine, "g"), started()), Off("later"))
    for step in reversed(steps()):
        migrate(engine, step)
        assert events(engine, "g") == (started(), Off("later"))
    migrate(engine)
    assert lineage(engine, "g") == recorded


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def _is_declared(_object: object, name: str, kind: str, *_rest: object) -> bool:
    return kind != "table" or name in metadata.tables
