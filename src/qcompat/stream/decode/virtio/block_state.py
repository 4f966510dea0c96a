"""What virtio-blk saves: the requests that were in flight, each behind a 1, then a 0.

virtio_blk_save_device in hw/block/virtio-blk.c, qemu_put_virtqueue_element in
hw/virtio/virtio.c; the same in 5.2, 7.2, 10.0 and 10.2. The element is a structure as it lies in
the memory of a 64-bit host, whose byte order it has.
"""

from __future__ import annotations

from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.virtio.state import VirtioState

_ADDRESSES = 2 * 1024 * 8
_LENGTHS = 2 * 1024 * 16
_ELEMENT = 16 + _ADDRESSES + _LENGTHS


def add_block(pieces: Pieces, state: VirtioState) -> None:
    """Cut this state; raises StreamError where it does not add up."""
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
