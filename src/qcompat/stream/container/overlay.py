"""An image as QEMU's tools are told to open it: by descriptor, naming every layer.

Nothing is left to be guessed from contents or names, so that no backing file, data file or
network address that an image names is ever opened. The image's own file is only read; what is
written goes to an overlay, a qcow2 image whose backing file it is. That is an unnamed temporary
file: nothing is left of it, however this process ends.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import msgspec

from qcompat.stream.container import qemu_img
from qcompat.stream.container.scratch import scratch

Node = dict[str, Any]

# What the tables of the image may grow by: QEMU does not move the end of a file that is itself
# a qcow2 image. More would slow the check that QEMU makes of an image that was not closed.
_SLACK = 1 << 30
_SECTOR = 512
_SECONDS = 60.0


class Overlaid:
    """An image file of which a changed view can be made. `length` is the file's, in bytes."""

    def __init__(self, name: str, descriptor: int, overlay: IO[bytes]) -> None:
        self.name = name
        self.length = os.lseek(descriptor, 0, os.SEEK_END)
        self._descriptor = descriptor
        self._overlay = overlay

    @property
    def view(self) -> Node:
        """The image, with what was written to the overlay."""
        below = {"driver": "raw", "read-only": True, "file": self._file}
        overlay = {"driver": "file", "filename": path_of(self._overlay.fileno())}
        file = {"driver": "qcow2", "file": overlay, "backing": below}
        return _image(file) | {"cache": {"no-flush": True}}

    @property
    def original(self) -> Node:
        """The image as it is."""
        return _image(self._file)

    @property
    def _file(self) -> Node:
        is_block = stat.S_ISBLK(os.fstat(self._descriptor).st_mode)
        driver = "host_device" if is_block else "file"
        return {"driver": driver, "filename": path_of(self._descriptor), "read-only": True}

    def ask(
        self, *words: str | Node, descriptor: int | None = None, seconds: float = _SECONDS
    ) -> bytes:
        """What `qemu-img` prints for these arguments, of which nodes name images."""
        named = [f"json:{_json(word)}" if isinstance(word, dict) else word for word in words]
        descriptors = [self._descriptor, self._overlay.fileno()]
        return qemu_img.ask(
            named,
            image=self.name,
            descriptors=descriptors if descriptor is None else [*descriptors, descriptor],
            seconds=seconds,
        )


@contextmanager
def overlaid(name: str, descriptor: int) -> Iterator[Overlaid]:
    """The image that is open under this number, with an empty overlay."""
    with scratch() as overlay:
        image = Overlaid(name, descriptor, overlay)
        length = str(in_sectors(image.length) + _SLACK)
        image.ask("create", "-q", "-f", "qcow2", path_of(overlay.fileno()), length)
        yield image


def path_of(descriptor: int) -> str:
    """The path under which a child opens anew what it has inherited under this number."""
    return f"/proc/self/fd/{descriptor}"


def in_sectors(length: int) -> int:
    """The length rounded up to what QEMU counts disks in."""
    return -(-length // _SECTOR) * _SECTOR


def _image(file: Node) -> Node:
    return {"driver": "qcow2", "backing": None, "file": file}


def _json(node: Mapping[str, object]) -> str:
    return msgspec.json.encode(node).decode()
