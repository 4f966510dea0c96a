"""The field `virtio-gpu`: what virtio_gpu_save wrote, taken apart.

QEMU describes it as one blob (hw/display/virtio-gpu.c, virtio_gpu_save; the same from 5.2 to 11.1).
How long an image is follows from its format and size, so the end of the resources is known; what is
behind them is as long as the configuration says.

    resources    number, width, height, format, pages; an address and a length for each page; image
    0            the end of the resources
    scanouts     enabled, how many, each with 10 values, or 16 (x-scanout-vmstate-version=2)
"""

from __future__ import annotations

import msgspec

from qcompat.stream.cursor import Cursor
from qcompat.stream.layout import Leaf
from qcompat.stream.virtio.state import decode, transport_of

TYPE = "virtio-gpu"
RESOURCES = "virtio-gpu resources"
"""The type of the part that says itself where it ends."""
END_BYTES = 4
PAGE_BYTES = 8 + 4
_HEADER_BYTES = 5 * 4
_MOST_RESOURCES = 1 << 16
_FORMATS = frozenset({1, 2, 3, 4, 67, 68, 121, 134})
"""Those of the specification (virtio 1.2, 5.7.6.8): a pixel has 4 bytes in each of them."""
_PIXEL_BYTES = 4


class Resource(msgspec.Struct, frozen=True):
    """An image of the guest: its own number, pixels, how many pieces of guest memory it has."""

    number: int
    width: int
    height: int
    format: int
    pages: int

    @property
    def image_bytes(self) -> int:
        """The bytes of the image: rows are whole words (calc_image_hostmem), as each pixel is."""
        return self.width * self.height * _PIXEL_BYTES


def read_resources(cursor: Cursor) -> tuple[Resource, ...]:
    """The resources, to behind the word that ends them. Raises StreamError for anything else."""
    found: list[Resource] = []
    while int.from_bytes(cursor.peek(END_BYTES), "big") or cursor.left < END_BYTES:
        if len(found) >= _MOST_RESOURCES:
            raise cursor.error(f"more than {_MOST_RESOURCES} resources")
        with cursor.within(f"resource {len(found)}"):
            found.append(_resource(cursor))
    cursor.skip(END_BYTES, "the end of the resources")
    return tuple(found)


def _resource(cursor: Cursor) -> Resource:
    start = cursor.offset
    values = [cursor.u32("a resource") for _ in range(_HEADER_BYTES // 4)]
    one = Resource(*values)
    if one.format not in _FORMATS:
        raise cursor.error(f"the format {one.format} of an image is unknown", offset=start)
    cursor.skip(one.pages * PAGE_BYTES, "the pages of a resource")
    cursor.skip(one.image_bytes, "an image")
    return one


def end_of_virtio(payload: bytes, idstr: str) -> int:
    """Where the field of type `virtio` ends with which `payload` begins, in the section `idstr`.

    Only that of a device has a sure end which saves nothing of its own in it, as virtio-gpu does
    behind it. Raises StreamError for any other, and as `decode`.
    """
    state = decode(payload, transport_of(idstr), record=idstr)
    if not state.subsections:
        return state.device_state_offset
    if state.device_state:
        raise Cursor(payload, record=idstr).error("a state of the device's own has no known end")
    return state.subsections[-1].end


def apart(leaf: Leaf) -> tuple[Leaf, ...]:
    """A field of this type as what QEMU checks and reads one by one; itself if it is no such."""
    if leaf.type != TYPE or leaf.count != 1:
        return (leaf,)
    cursor = Cursor(leaf.data, record=leaf.path)
    read_resources(cursor)
    resources = cursor.offset
    cursor.skip(8, "the scanouts")
    parts = (
        ("resources", RESOURCES, resources),
        ("enable", "int32", 4),
        ("max_outputs", "uint32 equal", 4),
        ("scanout", "buffer", cursor.left),
    )
    found: list[Leaf] = []
    at = 0
    for name, type_, size in parts:
        data = leaf.data[at : at + size]
        found.append(Leaf(f"{leaf.path}.{name}", type_, size, 1, leaf.offset + at, data))
        at += size
    return tuple(found)
