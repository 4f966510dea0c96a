"""What virtio-ccw (s390x) writes first: the subchannel, its indicators, the adapter.

The rows are data, in ccw.toml. QEMU writes no version and no name here, only those of the two
subsections in the middle.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec

from qcompat.stream.cursor import Cursor
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.decode.tables import read_table
from qcompat.stream.record import Record

DEVICE_NUMBER = "identity: control unit model"  # virtio_ccw_device_realize sets cu_model
CONFIG_VECTOR = "configuration vector"

_HEADER = 6  # of a subsection, besides its name
_BLOCKS = ("subchannel", "device", "adapter", "last")


class Row(NamedTuple):
    """One value: `size` the bytes of one element."""

    size: int
    name: str
    times: int = 1


class _Subsection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    follows: str
    rows: tuple[Row, ...]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subchannel: tuple[Row, ...]
    device: tuple[Row, ...]
    adapter: tuple[Row, ...]
    last: tuple[Row, ...]
    subsection: dict[str, _Subsection]


class Block(NamedTuple):
    """Neighbouring rows; those of a subsection are behind its header of `header` bytes."""

    name: str
    rows: tuple[Row, ...]
    header: int = 0


def read_ccw(cursor: Cursor) -> dict[str, int]:
    """Step over this part and return its values by name. Raises StreamError."""
    found: dict[str, int] = {}
    for block in blocks(cursor):
        cursor.skip(block.header, block.name)
        for row in block.rows:
            data = cursor.take(row.size * row.times, row.name)
            found[row.name] = int.from_bytes(data, "big")
    return found


def blocks(cursor: Cursor) -> tuple[Block, ...]:
    """The blocks that follow here, found by the subsections' names; does not move."""
    at = cursor.offset
    found: list[Block] = []
    for name in _BLOCKS:
        for block in _with_subsections(cursor, name, at):
            found.append(block)
            at += block.header + sum(row.size * row.times for row in block.rows)
    return tuple(found)


def add_ccw(pieces: Pieces) -> None:
    """Cut this part, which `read_ccw` has accepted."""
    with pieces.group("ccw"):
        for block in blocks(Cursor(pieces.data, pieces.at)):
            within = pieces.subsection if block.header else pieces.group
            with within(block.name):
                for row in block.rows:
                    pieces.number(row.name, row.size, count=row.times)


def _with_subsections(cursor: Cursor, name: str, at: int) -> list[Block]:
    table = _table()
    rows: tuple[Row, ...] = getattr(table, name)
    found = [Block(name, rows)]
    behind = at + sum(row.size * row.times for row in rows)
    for key, subsection in table.subsection.items():
        mark = Record.SUBSECTION.mark + bytes([len(key)]) + key.encode()
        if subsection.follows == name and cursor.buffer[behind : behind + len(mark)] == mark:
            found.append(Block(key, subsection.rows, len(key) + _HEADER))
    return found


@cache
def _table() -> _Table:
    return read_table("ccw.toml", _Table)
