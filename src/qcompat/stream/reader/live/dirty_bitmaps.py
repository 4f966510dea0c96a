"""`dirty-bitmap`: block dirty bitmaps (migration/block-dirty-bitmap.c; the same 5.2 to 10.2).

Chunks, each with a byte of flags, up to a byte that is the end mark alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.record import Record

_EOS, _ZEROES, _BITMAP, _DEVICE = 0x01, 0x02, 0x04, 0x08
_START, _BITS, _EXTRA = 0x10, 0x40, 0x80
_LARGEST = 1 << 30  # bytes of one chunk


class DirtyBitmaps:
    """Reads the chunks, without keeping the bits; reports the bitmaps' names."""

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        del kind  # all parts have one form
        start = cursor.offset
        names: list[str] = []
        while (flags := cursor.u8("the flags of a dirty bitmap")) != _EOS:
            if flags & (_EXTRA | _EOS):
                raise cursor.error(f"unknown flags {flags:#x} of a dirty bitmap")
            if name := _chunk(cursor, flags):
                names.append(name)
        what = ", ".join(dict.fromkeys(names)) or "no bitmap named"
        yield e.LiveState(start, cursor.offset - start, what)


def _chunk(cursor: Cursor, flags: int) -> str:
    node = cursor.name("the name of a block node") if flags & _DEVICE else ""
    bitmap = cursor.name("the name of a bitmap") if flags & _BITMAP else ""
    if flags & _START:
        cursor.skip(5, "granularity and flags of a bitmap")
    if flags & _BITS:
        cursor.skip(12, "the place of the bits")
        if not flags & _ZEROES:
            size = cursor.u64("the length of the bits")
            if size > _LARGEST:
                raise cursor.error(f"{size} bytes of a dirty bitmap in one chunk")
            cursor.skip(size, "the bits of a bitmap")
    cursor.forget()
    return f"{node}/{bitmap}" if bitmap else ""
