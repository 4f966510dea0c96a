"""What every reader of a section in parts can do, and the one for save handlers not known here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.reader.boundary import find_footer
from qcompat.stream.record import Record


class LiveReader(Protocol):
    """Reads what one such section holds."""

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        """Read one part, up to its footer. Raises StreamError."""
        ...


UNKNOWN = "not known here"


class UnknownState:
    """A section of which only the end is known; `what` describes its content."""

    def __init__(self, section_id: int, what: str = UNKNOWN) -> None:
        self._section_id = section_id
        self._what = what

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        del kind  # all parts are read alike
        start = cursor.offset
        if not find_footer(cursor, self._section_id):
            raise cursor.undescribed(
                "an unknown save handler wrote this section, and it has no footer",
                hint="save the guest without the migration capability that asks for it",
            )
        yield e.LiveState(start, cursor.offset - start, self._what)
