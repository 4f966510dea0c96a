"""Sections in parts other than `ram`, one kind at a time, as their save handlers write them."""

from __future__ import annotations

import pytest

from qcompat.errors import StreamError
from qcompat.stream.cursor import Cursor
from qcompat.stream.events import LiveState
from qcompat.stream.input.stream_bytes import InMemory
from qcompat.stream.reader.live.block_devices import BlockDevices
from qcompat.stream.reader.live.dirty_bitmaps import DirtyBitmaps
from qcompat.stream.reader.live.hash_table import HashTable
from qcompat.stream.reader.live.live_reader import LiveReader
from qcompat.stream.reader.live.storage_attributes import StorageAttributes
from qcompat.stream.reader.live.vfio import VfioState
from qcompat.stream.record import Record


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


VFIO = 0xFFFFFFFFEF100000
BITMAP = b"\x1c\x04node\x06bitmap" + u32(65536) + b"\x01"
BITS = b"\x4c\x04node\x06bitmap" + u64(0) + u32(2048) + u64(32) + bytes(32)
ZERO_BITS = b"\x42" + u64(2048) + u32(2048)
DISK = u64(0x09) + b"\x02hd" + u64(512 << 9 | 0x01) + b"\x02hd" + bytes(1 << 20)


def read_part(reader: LiveReader, kind: Record, content: bytes) -> str:
    """What the reader says of `content`, which it must read to its last byte."""
    cursor = Cursor(InMemory(content + b"next"), record="live")
    (found,) = reader.events(cursor, kind)
    assert isinstance(found, LiveState)
    assert (found.offset, found.size, cursor.offset) == (0, len(content), len(content))
    return found.what


@pytest.mark.parametrize(
    ("reader", "kind", "content", "what"),
    [
        (HashTable(), Record.START, u32(24), "a hash page table of 2^24 bytes"),
        (HashTable(), Record.END, u32(0xFFFFFFFF), "no hash page table"),
        (
            HashTable(),
            Record.PART,
            u32(0) + u32(7) + b"\0\x02\0\x01" + bytes(32) + bytes(8),
            "2 valid entries",
        ),
        (StorageAttributes(), Record.START, u64(1), "0 storage attributes"),
        (
            StorageAttributes(),
            Record.END,
            u64(0x5002) + u64(3) + b"abc" + u64(8) + u64(1),
            "3 storage attributes",
        ),
        (DirtyBitmaps(), Record.START, BITMAP + b"\x01", "node/bitmap"),
        (DirtyBitmaps(), Record.END, BITS + ZERO_BITS + b"\x01", "node/bitmap"),
        (DirtyBitmaps(), Record.PART, b"\x01", "no bitmap named"),
        (BlockDevices(), Record.PART, DISK + u64(50 << 9 | 4) + u64(2), "2 blocks of hd"),
        (VfioState(9), Record.START, u64(VFIO | 3) + u64(VFIO | 1), "state of a vfio device"),
        (
            VfioState(9),
            Record.PART,
            u64(VFIO | 4) + u64(5) + b"hello" + u64(VFIO | 1),
            "state of a vfio device",
        ),
    ],
)
def test_a_part_is_read_exactly(
    reader: LiveReader, kind: Record, content: bytes, what: str
) -> None:
    assert read_part(reader, kind, content) == what


@pytest.mark.parametrize(
    ("reader", "content", "message"),
    [
        (StorageAttributes(), u64(4), "unknown flags 0x4"),
        (StorageAttributes(), u64(2) + u64(1 << 40), "in one record"),
        (DirtyBitmaps(), b"\x80", "unknown flags 0x80"),
        (DirtyBitmaps(), b"\x40" + bytes(12) + u64(1 << 40), "in one chunk"),
        (BlockDevices(), u64(0x100), "unknown flags 0x100"),
        (VfioState(9), u64(1), "unknown mark 0x1"),
        (HashTable(), u32(0) + u32(7) + b"\0\x02\0\x01" + bytes(31), "hash table entries needs 32"),
    ],
)
def test_damage_is_named(reader: LiveReader, content: bytes, message: str) -> None:
    with pytest.raises(StreamError, match=message):
        list(reader.events(Cursor(InMemory(content), record="live"), Record.PART))
