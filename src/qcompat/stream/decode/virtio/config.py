"""Which kind a virtio device is, and its own configuration space by name.

The kinds and their structures are data, in devices.toml. The numbers in configuration
space are little-endian once the driver has accepted version_1; a legacy device has the guest's
byte order, which the stream gives away only in part (`byte_order`).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec

from qcompat.stream.decode.formatting import mac
from qcompat.stream.decode.pieces import Order, Pieces
from qcompat.stream.decode.tables import read_table
from qcompat.stream.virtio.state import VirtioState

_VERSION_1 = 32
_BIG = 2  # VIRTIO_DEVICE_ENDIAN_BIG, include/hw/virtio/virtio.h


class Row(NamedTuple):
    """One value of a configuration space."""

    offset: int
    size: int
    name: str
    times: int = 1


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one kind; see the head of the table."""

    name: str
    sections: tuple[str, ...]
    config: tuple[Row, ...] = ()


@cache
def kinds() -> dict[int, Kind]:
    return read_table("virtio/devices.toml", dict[int, Kind])


def device_number(state: VirtioState, idstr: str) -> int:
    """The kind's number, from the transport's part or the section's name; 0 if neither says."""
    if state.device_number:
        return state.device_number
    name = idstr.rpartition("/")[2]
    return next((number for number, kind in kinds().items() if name in kind.sections), 0)


def byte_order(state: VirtioState) -> Order:
    """The byte order of configuration space.

    virtio/device_endian is sent where a legacy driver uses another order than the target's own
    (virtio_device_endian_needed, hw/virtio/virtio.c); of a device without a driver nothing is
    known, and all but s390x and ppc64 are little-endian.
    """
    if state.guest_features >> _VERSION_1 & 1:
        return "little"
    for subsection in state.subsections:
        if subsection.name == "virtio/device_endian":
            return "big" if subsection.data[0] == _BIG else "little"
    return "big" if state.transport == "ccw" else "little"


def add_device_config(pieces: Pieces, number: int, length: int, order: Order) -> None:
    """Cut `length` bytes of configuration space of a device of kind `number`."""
    kind = kinds().get(number)
    start = pieces.at
    for row in kind.config if kind else ():
        if row.offset + row.size * row.times > length:
            break
        pieces.unused(f"reserved {pieces.at - start:#x}", row.offset - (pieces.at - start))
        _add(pieces, row, order)
    rest = length - (pieces.at - start)
    if kind and kind.config and not any(pieces.data[pieces.at : pieces.at + rest]):
        pieces.unused(f"reserved {pieces.at - start:#x}", rest)
    else:
        pieces.opaque(f"bytes {pieces.at - start:#x}", rest)


def _add(pieces: Pieces, row: Row, order: Order) -> None:
    if row.name == "mac":
        pieces.plain(row.name, row.times, "address", mac(_ahead(pieces, row.times)))
    elif row.size == 1 and row.times > 1:
        pieces.plain(row.name, row.times)
    else:
        pieces.number(row.name, row.size, order, count=row.times)


def _ahead(pieces: Pieces, size: int) -> bytes:
    return pieces.data[pieces.at : pieces.at + size]
