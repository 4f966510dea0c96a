"""A store in one SQLite file: private, checked when it is opened, safe against power loss.

Write-ahead logging lets readers go on beside a writer; `synchronous=FULL` has every commit on
the disk before it counts (sqlite.org/pragma.html#pragma_synchronous). A new store is made
under another name and renamed, so an empty or short file is never taken for a new store.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from qcompat.errors import StoreError
from qcompat.local.home import make_private
from qcompat.store.address import named
from qcompat.store.migrate import migrate
from qcompat.store.transaction import READS, RESTORE, failure, store_errors

BUSY_SECONDS = 30.0
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
_FILE_HAS_ROOM_FOR_A_HEADER = 100


def open_sqlite(url: URL) -> Engine:
    """The store at `url`, made where it is missing. Errors: StoreError."""
    path = Path(url.database or "").absolute()
    url = url.set(database=str(path))
    if not path.exists() or any(each.exists() for each in _leftovers(path)):
        _make(url, path)
    elif path.stat().st_size < _FILE_HAS_ROOM_FOR_A_HEADER:
        raise failure(url, "open", "it is too short, not a database")
    engine = _engine(url)
    _check(engine)
    with store_errors(url, "open"):
        migrate(engine)
    return engine


def _make(url: URL, path: Path) -> None:
    """Make a store with all its tables and rename it into place; of two processes one waits.

    What a process left that was killed meanwhile is removed, also where another made the store.
    """
    make_private(path.parent)
    with _held(path.parent, url):
        draft, *_ = _leftovers(path)
        for leftover in _leftovers(path):
            leftover.unlink(missing_ok=True)
        if path.exists():
            return
        _make_draft(url.set(database=str(draft)), draft, url)
        draft.replace(path)
        _sync(path.parent)


def _leftovers(path: Path) -> tuple[Path, ...]:
    """The draft of a store, and what SQLite keeps beside it."""
    draft = path.with_name(f".{path.name}.new")
    return draft, *_beside(draft)


def _make_draft(url: URL, draft: Path, meant: URL) -> None:
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise failure(meant, "make", f"unable to open it: {error.strerror}") from error
    engine = _engine(url)
    with store_errors(meant, "make"):
        migrate(engine)
    engine.dispose()


def _engine(url: URL) -> Engine:
    """Connections are closed after use: the last one folds the log into the file."""
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions itself, after DDL
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Writers take the lock at once: one that has read first cannot wait for it."""
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _check(engine: Engine) -> None:
    """Refuse a damaged file: going on would make things worse."""
    with store_errors(engine.url, "open"), engine.connect() as connection:
        reader = connection.execution_options(**{READS: True})
        complaints = reader.exec_driver_sql("PRAGMA quick_check(3)").scalars().all()
    if complaints != ["ok"]:
        reason = str(complaints[0]).replace("\n", " ") if complaints else "no answer"
        raise StoreError(f"{named(engine.url)} is damaged: {reason}", RESTORE)


@contextlib.contextmanager
def _held(directory: Path, url: URL) -> Iterator[None]:
    """One process at a time; the kernel lets go of it when its holder ends."""
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise failure(url, "make", f"unable to open {directory}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))
