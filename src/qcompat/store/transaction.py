"""Reading and writing in whole transactions, and what an error of the database becomes.

Each module of tables adds its own to `metadata`. How a store gets them is `migrations`: a table
here without a migration there, or the other way round, fails the tests.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import URL, Connection, Engine, MetaData
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from qcompat.errors import StoreError
from qcompat.store.address import named

metadata = MetaData()

READS = "qcompat_reads"
"""Execution option of connections that only read: they do not wait for a writer."""

RESTORE = "put back a copy, or move the file away to begin with an empty store"
_HINTS = (
    ("not a database", "it is damaged, or is another file: {restore}"),
    ("malformed", "it is damaged: {restore}"),
    ("disk i/o error", "see the kernel's log; then {restore}"),
    ("full", "free some space, or name another store with --store or QCOMPAT_STORE"),
    ("locked", "another process has held it for too long: try again"),
    ("readonly", "check the permissions of the file and its directory"),
    ("unable to open", "check the path and the permissions of the file and its directory"),
    ("no such table", "it was changed by hand: {restore}"),
)
_SERVER = "check that the server runs, and the address in --store or QCOMPAT_STORE"


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, and sees one state throughout. Errors: StoreError."""
    with store_errors(engine.url, "read"), engine.connect() as connection:
        reader = connection.execution_options(**{READS: True})
        with reader.begin():
            yield reader


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; it is undone where the block raises. Errors: StoreError."""
    with store_errors(engine.url, "write"), engine.begin() as connection:
        yield connection


@contextlib.contextmanager
def store_errors(url: URL, action: str) -> Iterator[None]:
    """Turn the database's errors into StoreError; `action` is what was tried, such as `read`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise failure(url, action, _reason(error, url)) from error


def failure(url: URL, action: str, reason: str) -> StoreError:
    """The error for an `action` on the store that failed."""
    return StoreError(f"cannot {action} {named(url)}: {reason}", _hint(url, reason))


def _reason(error: SQLAlchemyError, url: URL) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    reason = "; ".join(lines[:3]) or type(cause).__name__
    secret = str(url.password or "")
    return reason.replace(secret, "***") if secret else reason


def _hint(url: URL, reason: str) -> str:
    if url.drivername != "sqlite":
        return _SERVER
    hint = next((hint for sign, hint in _HINTS if sign in reason.lower()), "")
    return hint.format(restore=RESTORE)
