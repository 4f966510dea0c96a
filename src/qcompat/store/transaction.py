"""Reading and writing whole transactions: all of one is there, or nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import Connection, Engine

from qcompat.store.failure import told

READS = "qcompat_reads"
"""Execution option of connections that only read: they do not wait for a writer."""


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, and sees one state throughout. Errors: StoreError."""
    with told(engine.url, "read"), engine.connect() as connection:
        reader = connection.execution_options(**{READS: True})
        with reader.begin():
            yield reader


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; it is undone where the block raises. Errors: StoreError."""
    with told(engine.url, "write"), engine.begin() as connection:
        yield connection
