"""The field `virtio-gpu`: resources with their images, then the scanouts.

`stream.virtio.gpu` finds what is where, this file cuts it in that order (hw/display/virtio-gpu.c,
virtio_gpu_save). A scanout has six more values where the property x-scanout-vmstate-version is 2.
"""

from __future__ import annotations

from qcompat.stream.cursor import Cursor
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.virtio.gpu import PAGE_BYTES, Resource, read_resources

_MOST_SCANOUTS = 16  # VIRTIO_GPU_MAX_SCANOUTS
_SCANOUT = (
    "resource",
    "width",
    "height",
    "x",
    "y",
    "cursor: resource",
    "cursor: hot x",
    "cursor: hot y",
    "cursor: x",
    "cursor: y",
)
_FRAMEBUFFER = ("format", "bytes a pixel", "width", "height", "stride", "offset")
_SIZES = {
    4 * len(_SCANOUT): (),
    4 * (len(_SCANOUT) + len(_FRAMEBUFFER)): tuple(f"framebuffer: {each}" for each in _FRAMEBUFFER),
}


def decode_gpu(pieces: Pieces) -> str:
    """Cut the whole. Raises StreamError where it is nothing that QEMU writes."""
    resources = read_resources(Cursor(pieces.data, pieces.at, record="virtio-gpu"))
    for index, resource in enumerate(resources):
        with pieces.group(f"resource {index}") as about:
            about.meaning = f"{resource.width} × {resource.height}"
            _add_resource(pieces, resource)
    pieces.number("end of resources", 4)
    pieces.number("enabled", 4)
    scanouts = pieces.number("scanouts", 4)
    size, rest = divmod(pieces.left, scanouts) if scanouts else (0, pieces.left)
    if scanouts > _MOST_SCANOUTS or rest or (scanouts and size not in _SIZES):
        raise pieces.error(f"{pieces.left} bytes are not {scanouts} scanouts")
    for index in range(scanouts):
        with pieces.group(f"scanout {index}"):
            for name in _SCANOUT + _SIZES[size]:
                pieces.number(name, 4)
    images = f"{len(resources)} resources" if resources else "no resources"
    return f"{images}, {scanouts} scanouts"


def _add_resource(pieces: Pieces, resource: Resource) -> None:
    for name in ("number", "width", "height", "format", "pages"):
        pieces.number(name, 4)
    pages = f"{resource.pages} pieces of the guest's memory"
    pieces.stepped_over("memory", resource.pages * PAGE_BYTES, "bytes", pages)
    pieces.stepped_over("image", resource.image_bytes, "bytes", "the picture")
