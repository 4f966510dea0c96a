"""`spapr/htab`: the hash page table of a pseries guest (hw/ppc/spapr.c, htab_save_*).

A word: the table's size as a power of two in the first part, -1 where there is none, else 0 and
chunks of valid and invalid entries up to an empty one. The same from 5.2 to 10.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.record import Record

_ENTRY = 16
_NONE = 0xFFFFFFFF


class HashTable:
    """Reads the chunks of entries, without keeping them."""

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        start = cursor.offset
        word = cursor.u32("the header of the hash table")
        if word == _NONE:
            yield e.LiveState(start, 4, "no hash page table")
        elif word or kind is Record.START:
            yield e.LiveState(start, 4, f"a hash page table of 2^{word} bytes")
        else:
            valid = _chunks(cursor)
            yield e.LiveState(start, cursor.offset - start, f"{valid} valid entries")


def _chunks(cursor: Cursor) -> int:
    total = 0
    while True:
        index, valid, invalid = cursor.u32(), cursor.u16(), cursor.u16()
        if not index and not valid and not invalid:
            return total
        cursor.skip(valid * _ENTRY, "hash table entries")
        cursor.forget()
        total += valid
