"""Opening the store: SQLite by default, PostgreSQL where it is named; always checked and current.

Import this where it is needed, not at the top of a command: SQLAlchemy takes longer to import
than a check takes to answer.
"""

from __future__ import annotations

from sqlalchemy import Engine

from qcompat.store.place import place
from qcompat.store.postgres import open_postgres
from qcompat.store.sqlite import open_sqlite


def connect(url: str = "") -> Engine:
    """The store at `url`, else at `$QCOMPAT_STORE`, else the file `store.db` in the data home.

    It is made where it is missing, and brought to this qcompat's tables; several processes may
    do so at once. Use `transaction.reading` and `writing` on it. Errors: UsageError for an
    address that is none; StoreError for a store that cannot be reached, is damaged, or was
    written by a newer qcompat.
    """
    found = place(url)
    return open_sqlite(found) if found.drivername == "sqlite" else open_postgres(found)
