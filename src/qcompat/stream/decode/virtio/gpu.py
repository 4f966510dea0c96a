"""The field `virtio-gpu`: resources with their images, then the scanouts.

virtio_gpu_save in hw/display/virtio-gpu.c (5.2, 7.2, 10.0). A scanout has six more values where
the property x-scanout-vmstate-version is 2. How long an image is follows from its format, so
resources are not taken apart; a guest whose driver is loaded has some.
"""

from __future__ import annotations

from qcompat.stream.decode.pieces import Pieces

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
    """Cut the whole where there are no resources; raises StreamError where there are."""
    if pieces.number("end of resources", 4):
        raise pieces.error("the images of resources")
    pieces.number("enabled", 4)
    scanouts = pieces.number("scanouts", 4)
    size, rest = divmod(pieces.left, scanouts) if scanouts else (0, pieces.left)
    if scanouts > _MOST_SCANOUTS or rest or (scanouts and size not in _SIZES):
        raise pieces.error(f"{pieces.left} bytes are not {scanouts} scanouts")
    for index in range(scanouts):
        with pieces.group(f"scanout {index}"):
            for name in _SCANOUT + _SIZES[size]:
                pieces.number(name, 4)
    return f"no resources, {scanouts} scanouts"
