"""The address of the store: the one given, `$QCOMPAT_STORE`, or a file in the data home."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from qcompat.errors import UsageError
from qcompat.local.home import data_home

FILE = "store.db"
VARIABLE = "QCOMPAT_STORE"
_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_HINT = (
    "write sqlite:////DIRECTORY/FILE, or postgresql+psycopg://USER@HOST/DATABASE "
    f"(--store, or {VARIABLE})"
)


def store_url(url: str = "") -> URL:
    """The address of the store. Errors: UsageError, which never repeats a password."""
    given = url or os.environ.get(VARIABLE, "")
    if not given:
        return URL.create("sqlite", database=str(data_home() / FILE))
    found = _parsed(given)
    if found.drivername not in _DRIVERS:
        raise UsageError(f"a store cannot be {found.drivername}: SQLite or PostgreSQL", _HINT)
    found = found.set(drivername=_DRIVERS[found.drivername])
    if found.drivername == "sqlite" and found.database in (None, "", ":memory:"):
        raise UsageError("a store in memory would be lost with the command", _HINT)
    return found


def named(url: URL) -> str:
    """The name of the store in messages: its file, or its address without the password."""
    if url.drivername == "sqlite":
        return f"the store {url.database}"
    return f"the store {url.set(query={}).render_as_string(hide_password=True)}"


def _parsed(given: str) -> URL:
    try:
        return make_url(given)
    except (ArgumentError, ValueError):
        # the cause would show the address, and with it a password
        raise UsageError("the address of the store cannot be parsed", _HINT) from None


def is_there(url: str = "") -> bool:
    """Whether there may be a store: a file that exists, or a server."""
    found = store_url(url)
    return found.drivername != "sqlite" or Path(found.database or "").exists()
