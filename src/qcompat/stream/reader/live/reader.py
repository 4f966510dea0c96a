"""What every reader of a section in parts can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.record import Record


class LiveReader(Protocol):
    """Reads what one such section holds."""

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        """Read one part, up to where its footer stands. Raises StreamError."""
        ...
