"""The subsections behind a virtio device's state, queue by queue.

Each holds an entry for all 1024 queues that a device may have; those of queues that the device
has are taken apart, the rest is one part. The rows are data, in subsections.toml.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec

from qcompat.stream.decode.formatting import hexadecimal
from qcompat.stream.decode.pieces import Meaning, Pieces
from qcompat.stream.decode.tables import read_table
from qcompat.stream.decode.virtio.features import named
from qcompat.stream.virtio.state import QUEUE_MAX
from qcompat.stream.virtio.subsections import Subsection

_FEATURES = {
    "features": 0,
    "features, bits 64 to 127": 64,
    "driver features, bits 0 to 31": 0,
    "driver features, bits 32 to 63": 32,
    "driver features, bits 64 to 127": 64,
}
_ORDERS = {0: "unknown", 1: "little-endian", 2: "big-endian"}


class Row(NamedTuple):
    """One value: `size` the bytes of one element."""

    size: int
    name: str
    times: int = 1


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a subsection holds itself, before those nested in it."""

    head: tuple[Row, ...] = ()
    queue: tuple[Row, ...] = ()


@cache
def shapes() -> dict[str, Shape]:
    return read_table("virtio/subsections.toml", dict[str, Shape])


def add_subsections(
    pieces: Pieces, subsections: tuple[Subsection, ...], number: int, queues: int
) -> None:
    """Cut subsections that follow one another, of a device of kind `number`."""
    for subsection in subsections:
        with pieces.subsection(subsection.name):
            _add_body(pieces, shapes()[subsection.name], number, queues)
            add_subsections(pieces, subsection.nested, number, queues)


def _add_body(pieces: Pieces, shape: Shape, number: int, queues: int) -> None:
    for row in shape.head:
        _add_row(pieces, row, number)
    if not shape.queue:
        return
    for index in range(queues):
        with pieces.group(f"queue {index}"):
            for row in shape.queue:
                _add_row(pieces, row, number)
    _add_rest(pieces, sum(row.size * row.times for row in shape.queue), QUEUE_MAX - queues)


def _add_rest(pieces: Pieces, size: int, queues: int) -> None:
    data = pieces.data[pieces.at : pieces.at + size * queues]
    if data != data[:size] * queues:
        pieces.opaque("unused queues", size * queues, "not all alike")
    elif queues:
        alike = f"{queues} queues, all alike"
        pieces.stepped_over("unused queues", size * queues, "unused", alike)


def _add_row(pieces: Pieces, row: Row, number: int) -> None:
    if row.name == "unused":
        pieces.unused(row.name, row.size)
    elif row.size == 1 and row.name != "byte order":
        pieces.flag(row.name)
    else:
        pieces.number(row.name, row.size, meaning=_meaning(pieces, row, number), count=row.times)


def _meaning(pieces: Pieces, row: Row, number: int) -> Meaning:
    if row.name in _FEATURES:
        value = _words(pieces, row) << _FEATURES[row.name]
        return ", ".join(named(number, value))
    if row.name == "byte order":
        return lambda value: _ORDERS.get(value, "")
    if "ring" in row.name or row.name == "descriptors":
        return hexadecimal(_words(pieces, row))
    return ""


def _words(pieces: Pieces, row: Row) -> int:
    """The number that the row's words make, the low one first."""
    data = pieces.data[pieces.at : pieces.at + row.size * row.times]
    parts = [data[at : at + row.size] for at in range(0, len(data), row.size)]
    return sum(int.from_bytes(part, "big") << 8 * row.size * i for i, part in enumerate(parts))
