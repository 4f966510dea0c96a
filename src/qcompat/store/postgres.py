"""A store on a PostgreSQL server, for several hosts that share what they know."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine

from qcompat.errors import StoreError
from qcompat.store.failure import told
from qcompat.store.migrating import migrate

CONNECT_SECONDS = 10


def open_postgres(url: URL) -> Engine:
    """The store at `url`; its tables are made or brought up to date. Errors: StoreError."""
    try:
        engine = create_engine(
            url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS}
        )
    except ImportError as error:
        raise StoreError(
            "a store on PostgreSQL needs the library psycopg, which is not installed",
            "pip install 'qcompat[postgres]'",
        ) from error
    with told(url, "open"):
        migrate(engine)
    return engine
