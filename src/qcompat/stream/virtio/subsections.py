"""The subsections at the end of a virtio device's state, and how long each is.

Nothing in the stream describes them, so their lengths are knowledge of this file: each holds
plain values, or one entry for each of the 1024 queues that any virtio device has
(vmstate_virtio in hw/virtio/virtio.c, vmstate_virtio_pci in hw/virtio/virtio-pci.c,
vmstate_virtio_mmio in hw/virtio/virtio-mmio.c; 5.2 to 10.0).
"""

from __future__ import annotations

import msgspec

from qcompat.errors import StreamError
from qcompat.stream.cursor import Cursor
from qcompat.stream.record import Record

_QUEUES = 1024
_HEADER_BYTES = 1 + 1 + 4  # mark, length of the name, version; besides the name

_LENGTHS = {
    "virtio/device_endian": 1,
    "virtio/128bit_features": 8,  # QEMU 10.2
    "virtio/64bit_features": 8,
    "virtio/virtqueues": 16 * _QUEUES,
    "virtio/ringsize": 4 * _QUEUES,
    "virtio/broken": 1,
    "virtio/extra_state": 0,  # only what is nested in it
    "virtio/started": 1,
    "virtio/packed_virtqueues": 10 * _QUEUES,
    "virtio/disabled": 1,
    "virtio_pci/modern_state": 16 + 28 * _QUEUES,
    "virtio_pci/modern_state/features128": 8,  # QEMU 10.2
    "virtio_mmio/state": 8 + 27 * _QUEUES,
}
_NESTED = {
    "virtio/extra_state": ("virtio_pci/modern_state", "virtio_mmio/state"),
    "virtio_pci/modern_state": ("virtio_pci/modern_state/features128",),
}
_OUTERMOST = tuple(name for name in _LENGTHS if name.startswith("virtio/"))


class Subsection(msgspec.Struct, frozen=True):
    """A subsection of the state: `offset` is where its header begins, `data` follows the header.

    `data` holds its own values; what is nested in it is in `nested`.
    """

    name: str
    version: int
    data: bytes
    offset: int
    nested: tuple[Subsection, ...] = ()

    @property
    def end(self) -> int:
        """Where it ends, with what is nested in it."""
        if self.nested:
            return self.nested[-1].end
        return self.offset + _HEADER_BYTES + len(self.name) + len(self.data)


def read_subsections(cursor: Cursor, names: tuple[str, ...] = _OUTERMOST) -> tuple[Subsection, ...]:
    """Read as many of these subsections as there are; stops before the first other byte."""
    found: list[Subsection] = []
    while (start := cursor.offset) < cursor.end and cursor.peek() == Record.SUBSECTION.mark:
        try:
            found.append(_subsection(cursor, names))
        except StreamError:
            cursor.offset = start
            break
    return tuple(found)


def _subsection(cursor: Cursor, names: tuple[str, ...]) -> Subsection:
    start = cursor.offset
    cursor.skip(1)
    name = cursor.name("the name of a subsection")
    if name not in names:
        raise cursor.error(f"unknown subsection {name!r}")
    version = cursor.u32("a subsection's version")
    data = cursor.take(_LENGTHS[name], name)
    return Subsection(name, version, data, start, read_subsections(cursor, _NESTED.get(name, ())))
