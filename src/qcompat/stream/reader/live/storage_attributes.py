"""`s390-storage_attributes` (hw/s390x/s390-stattrib.c, cmma_save; the same from 5.2 to 10.2)."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.record import Record

_EOS, _MORE, _DONE = 0x01, 0x02, 0x08
_FLAGS = 0xFFF
_LARGEST = 1 << 24  # of one record; QEMU sends 512 KiB


class StorageAttributes:
    """Reads the records of attributes, one byte a page, without keeping them."""

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        del kind  # all parts have one form
        start, total = cursor.offset, 0
        while True:
            flags = cursor.u64("storage attributes") & _FLAGS
            if flags == _EOS:
                break
            if flags == _MORE:
                total += _record(cursor)
            elif flags != _DONE:
                raise cursor.error(f"unknown flags {flags:#x} of storage attributes")
        yield e.LiveState(start, cursor.offset - start, f"{total} storage attributes")


def _record(cursor: Cursor) -> int:
    count = cursor.u64("the number of storage attributes")
    if count > _LARGEST:
        raise cursor.error(f"{count} storage attributes in one record")
    cursor.skip(count, "storage attributes")
    cursor.forget()
    return count
