"""What virtio devices save behind their queues, where its layout is sure.

Nothing in the stream gives the layout or the length of these bytes, so they are cut only where
their parts add up to the length; otherwise they stay opaque. The releases read are
5.2, 7.2, 10.0 and 10.2.
"""

from __future__ import annotations

from collections.abc import Callable

from qcompat.errors import StreamError
from qcompat.stream.decode.formatting import hexadecimal, ranges
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.decode.virtio.net_state import add_net
from qcompat.stream.virtio.state import VirtioState

_MOST_PORTS = 511  # VIRTIO_QUEUE_MAX / 2 - 1, hw/char/virtio-serial-bus.c
_ADDRESSES = 2 * 1024 * 8
_LENGTHS = 2 * 1024 * 16
_ELEMENT = 16 + _ADDRESSES + _LENGTHS  # an element of virtio-blk
_EARLY_MEMORY = 16  # what is left to save where the rest was sent before RAM, since 8.1


def add_state(pieces: Pieces, state: VirtioState, number: int) -> None:
    """Cut the bytes of `state.device_state`, which come next."""
    size = len(state.device_state)
    known = _KNOWN.get(number)
    if known is None:
        pieces.opaque("bytes", size, "the layout of this kind is not known here")
        return
    inner = pieces.inner(size)
    try:
        known(inner, state)
        if inner.left:
            raise inner.error(f"{inner.left} bytes are left over")
    except StreamError as error:
        pieces.opaque("bytes", size, f"not of the known layout: {error.message}")
    else:
        pieces.adopt(inner)


def _console(pieces: Pieces, _: VirtioState) -> None:
    """virtio_serial_save_device, hw/char/virtio-serial-bus.c."""
    pieces.number("columns", 2)
    pieces.number("rows", 2)
    ports = pieces.number("number of ports", 4)
    if ports > _MOST_PORTS:  # a big-endian guest's configuration, written as it is
        ports = int.from_bytes(ports.to_bytes(4, "big"), "little")
    if ports > _MOST_PORTS:
        raise pieces.error(f"{ports} ports, a device has at most {_MOST_PORTS}")
    words = (ports + 31) // 32
    taken = pieces.data[pieces.at : pieces.at + 4 * words]
    pieces.number("map of ports", 4, meaning=ranges(taken, word=4), count=words)
    for index in range(pieces.number("active ports", 4)):
        with pieces.group(f"port {index}"):
            pieces.number("id", 4)
            pieces.flag("guest connected")
            pieces.flag("host connected")
            if pieces.number("element in flight", 4):
                raise pieces.error("an element in flight")


def _balloon(pieces: Pieces, _: VirtioState) -> None:
    """vmstate_virtio_balloon_device, hw/virtio/virtio-balloon.c."""
    pieces.number("num_pages", 4)
    pieces.number("actual", 4)
    for name, rows in _BALLOON_SUBSECTIONS.items():
        if pieces.starts_subsection(name):
            with pieces.subsection(name):
                for row in rows:
                    pieces.number(row, 4)


def _iommu(pieces: Pieces, _: VirtioState) -> None:
    """vmstate_virtio_iommu_device, hw/virtio/virtio-iommu.c; `bypass` since 7.0."""
    if domains := pieces.number("domains", 4):
        raise pieces.error(f"{domains} domains")
    pieces.plain("end of domains", 1)
    if pieces.left:
        pieces.flag("bypass")


def _memory(pieces: Pieces, _: VirtioState) -> None:
    """vmstate_virtio_mem_device, hw/virtio/virtio-mem.c."""
    if pieces.left == _EARLY_MEMORY:
        pieces.number("usable region size", 8)
        pieces.number("requested size", 8)
        return
    pieces.number("address", 8, meaning=hexadecimal)
    pieces.number("region size", 8)
    pieces.number("block size", 8)
    pieces.number("node", 4)
    for name in ("usable region size", "size", "requested size"):
        pieces.number(name, 8)
    bitmap = pieces.data[pieces.at :]
    pieces.plain("plugged blocks", len(bitmap), "bitmap", ranges(bitmap, word=8))


def _block(pieces: Pieces, state: VirtioState) -> None:
    """The requests that were in flight, each behind a 1, then a 0.

    virtio_blk_save_device in hw/block/virtio-blk.c, qemu_put_virtqueue_element in
    hw/virtio/virtio.c. The element is a structure as it lies in the memory of a 64-bit host,
    whose byte order it has.
    """
    has_queue = len(state.queues) > 1
    requests = (pieces.left - 1) // _ELEMENT
    each = (pieces.left - 1) // requests if requests else 0
    if pieces.left != 1 + each * requests or (requests and each != _size(each, has_queue)):
        raise pieces.error("no list of requests")
    for index in range(requests):
        with pieces.group(f"request {index}"):
            _add_request(pieces, has_queue, each > _size(0, has_queue))
    pieces.plain("end of requests", 1, meaning="" if requests else "no requests in flight")


def _size(each: int, has_queue: bool) -> int:
    """The bytes of a request; packed rings add the number of descriptors."""
    plain = 1 + (4 if has_queue else 0) + _ELEMENT
    return plain + 4 if each == plain + 4 else plain


def _add_request(pieces: Pieces, has_queue: bool, is_packed: bool) -> None:
    pieces.plain("mark", 1)
    if has_queue:
        pieces.number("queue", 4)
    if is_packed:
        pieces.number("descriptors", 4)
    for name in ("index", "out buffers", "in buffers"):
        pieces.number(name, 4, "little")
    pieces.unused("padding", 4)
    pieces.opaque("buffer addresses", _ADDRESSES)
    pieces.opaque("buffer lengths", _LENGTHS)


_BALLOON_SUBSECTIONS = {
    "virtio-balloon-device/free-page-report": ("free page hint command", "free page hint status"),
    "virtio-balloon-device/page-poison": ("poison value",),
}
_KNOWN: dict[int, Callable[[Pieces, VirtioState], None]] = {
    1: add_net,
    2: _block,
    3: _console,
    5: _balloon,
    23: _iommu,
    24: _memory,
}
