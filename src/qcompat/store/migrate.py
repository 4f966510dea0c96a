"""Bringing a store to the tables that this qcompat knows, and back.

Alembic runs the steps of `migrations/versions`, all in one transaction; it is imported only when
there is something to do. The number of a step begins its file's name.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from qcompat.errors import StoreError
from qcompat.store.address import named
from qcompat.store.transaction import READS

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x71636F6D70617431
"""`qcompat1`: the advisory lock on PostgreSQL that a migration holds."""


@cache
def steps() -> tuple[str, ...]:
    """The numbers of all steps, in order, such as `0001`."""
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


def migrate(engine: Engine, to: str = "") -> None:
    """Bring the store up to step `to` (empty: the last), or down to it (`base`: no tables).

    Errors: StoreError where a newer qcompat wrote it.
    """
    goal = to or steps()[-1]
    with engine.connect() as connection:
        if current(connection.execution_options(**{READS: True}), engine) == goal:
            return
    with engine.begin() as connection:
        _lock(connection)
        at = current(connection, engine)  # another process may have been first
        if at != goal:
            _run_steps(connection, at, goal)


def current(connection: Connection, engine: Engine) -> str:
    """The step that a store is at; `base` for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return "base"
    at = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "base")
    if at != "base" and at not in steps():
        raise StoreError(
            f"{named(engine.url)} was written by a newer qcompat: its tables are of step {at}, "
            f"this one knows them up to {steps()[-1]}",
            "upgrade qcompat, or name another store with --store or QCOMPAT_STORE",
        )
    return at


def _lock(connection: Connection) -> None:
    """On SQLite a transaction that writes has the lock from its beginning."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _run_steps(connection: Connection, at: str, goal: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    numbers = ("base", *steps())
    move = command.upgrade if numbers.index(at) < numbers.index(goal) else command.downgrade
    move(config, goal)
