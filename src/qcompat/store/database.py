"""Opening the store: SQLite by default, PostgreSQL on demand; always checked and up to date.

Import this where it is needed, not at the top of a command: SQLAlchemy takes longer to import
than a check takes to answer.
"""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine

from qcompat.errors import StoreError
from qcompat.store.address import store_url
from qcompat.store.migrate import migrate
from qcompat.store.sqlite import open_sqlite
from qcompat.store.transaction import store_errors

CONNECT_SECONDS = 10


def connect(url: str = "") -> Engine:
    """The store at `url`, else at `$QCOMPAT_STORE`, else the file `store.db` in the data home.

    Makes it where it is missing, and brings its tables up to date; several processes may do so
    at once. Use `transaction.reading` and `writing` on it. Errors: UsageError for a bad address;
    StoreError for a store that cannot be reached, is damaged, or was written by a newer qcompat.
    """
    found = store_url(url)
    return open_sqlite(found) if found.drivername == "sqlite" else _open_postgres(found)


def _open_postgres(url: URL) -> Engine:
    """A store on a server, for several hosts that share what they know."""
    try:
        engine = create_engine(
            url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS}
        )
    except ImportError as error:
        raise StoreError(
            "a store on PostgreSQL needs the library psycopg, which is not installed",
            "pip install 'qcompat[postgres]'",
        ) from error
    with store_errors(url, "open"):
        migrate(engine)
    return engine
