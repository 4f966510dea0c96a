"""What a database's error is to the reader: what failed, where, and what to do about it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from qcompat.errors import StoreError
from qcompat.store.place import named

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
RESTORE = "put back a copy, or move the file away to begin with an empty store"
_SERVER = "check that the server runs, and the address in --store or QCOMPAT_STORE"


@contextlib.contextmanager
def told(url: URL, doing: str) -> Iterator[None]:
    """Errors of the database become StoreError: `doing` is what was tried, such as `read`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise failed(url, doing, _words(error, url)) from error


def failed(url: URL, doing: str, words: str) -> StoreError:
    """The error that says that `doing` something with the store failed."""
    return StoreError(f"cannot {doing} {named(url)}: {words}", _hint(url, words))


def _words(error: SQLAlchemyError, url: URL) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    words = "; ".join(lines[:3]) or type(cause).__name__
    secret = str(url.password or "")
    return words.replace(secret, "***") if secret else words


def _hint(url: URL, words: str) -> str:
    if url.drivername != "sqlite":
        return _SERVER
    said = words.lower()
    hint = next((hint for sign, hint in _HINTS if sign in said), "")
    return hint.format(restore=RESTORE)
