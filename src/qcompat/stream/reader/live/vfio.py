"""`…/vfio`: the state of a host's device (hw/vfio/migration.c), which only the device can read.

A part is one piece of data, or none, and a mark. What the end holds differs by release and kind
of device (5.2 writes the configuration there), so its footer is what ends it.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.reader.live.live_reader import UnknownState
from qcompat.stream.record import Record

_TAG = 0xFFFFFFFFEF100000
_END, _SETUP, _DATA, _SENT = _TAG | 1, _TAG | 3, _TAG | 4, _TAG | 5
_WHAT = "state of a vfio device"


class VfioState:
    """Reads setup and data exactly, the end up to its footer."""

    def __init__(self, section_id: int) -> None:
        self._rest = UnknownState(section_id, _WHAT)

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        if kind is Record.END:
            yield from self._rest.events(cursor, kind)
            return
        start = cursor.offset
        while (tag := cursor.u64("a mark of a vfio device")) not in (_END, _SENT):
            if tag == _DATA:
                cursor.skip(cursor.u64("the length of vfio data"), "vfio data")
                cursor.forget()
            elif tag != _SETUP:
                raise cursor.error(f"unknown mark {tag:#x} of a vfio device")
        yield e.LiveState(start, cursor.offset - start, _WHAT)
