"""A disk image as `qemu-img` is asked about it: by descriptor, naming every layer.

QEMU guesses nothing from contents or names, so it never opens a backing file, data file or network
address that an image names. The image's own file is only read; writes go to an overlay, a qcow2
image with that file as its backing file. The overlay is an unnamed temporary file, so nothing is
left of it, however this process ends.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

import msgspec

from qcompat.errors import EnvironmentError_, FileFormatError, QcompatError, UsageError
from qcompat.stream.container import tool
from qcompat.stream.container.tool import scratch

Node = dict[str, Any]

# The tables of the image may grow by this: QEMU does not move the end of a file that is itself a
# qcow2 image. More would slow QEMU's check of an image that was not closed.
_SLACK = 1 << 30
_SECTOR = 512
_SECONDS = 60.0
# The longest list of snapshots that QEMU reads is of 64 MiB (block/qcow2.h, 10.2); an image
# that anybody made has some kilobytes of them.
_LONGEST_ANSWER = 16 << 20
# the name is a whole tree of layers that the reader never wrote
_NAME = r"Could not open '(json:.*|/proc/self/fd/\d+)': (qcow2: )?"


class Overlaid:
    """An image file with an overlay for changes. `length` is the file's, in bytes."""

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
        """What `qemu-img` prints for these arguments, of which nodes name images.

        Errors: UsageError if it is not installed, or the image is in use; FileFormatError for an
        image that it cannot work with; EnvironmentError_ if room or time is lacking.
        """
        named = [f"json:{_json(word)}" if isinstance(word, dict) else word for word in words]
        descriptors = [self._descriptor, self._overlay.fileno()]
        return _qemu_img(
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
    """The path under which a child reopens the file that it inherited with this number."""
    return f"/proc/self/fd/{descriptor}"


def in_sectors(length: int) -> int:
    """The length rounded up to what QEMU counts disks in."""
    return -(-length // _SECTOR) * _SECTOR


def _image(file: Node) -> Node:
    return {"driver": "qcow2", "backing": None, "file": file}


def _json(node: Mapping[str, object]) -> str:
    return msgspec.json.encode(node).decode()


def _qemu_img(
    words: Sequence[str], *, image: str, descriptors: Sequence[int], seconds: float
) -> bytes:
    """Run it; `image` is what messages call the image."""
    with scratch() as output, scratch() as errors:
        process = tool.start(
            ("qemu-img", *words), stdout=output, stderr=errors, descriptors=descriptors
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise _too_slow(words[0], image, seconds) from None
        finally:
            tool.end(process)
        if code < 0:
            raise _refusal(image, f"qemu-img {words[0]} {tool.how_ended(code)}")
        if code:
            raise _refusal(image, tool.first_error(errors, "qemu-img", _NAME))
        output.seek(0)
        return output.read(_LONGEST_ANSWER)


def _refusal(image: str, said: str) -> QcompatError:
    message = f"cannot read the state of a guest from {image}: {said}"
    if "No space left" in said:
        return EnvironmentError_(message, "set TMPDIR to a directory with more room")
    if re.search(r"Failed to get .* lock|Failed to lock", said):
        return UsageError(message, "end the guest that uses the image, or give a copy of it")
    return FileFormatError(message, "run `qemu-img check` on a copy of the image")


def _too_slow(command: str, image: str, seconds: float) -> EnvironmentError_:
    return EnvironmentError_(
        f"cannot read the state of a guest from {image}: qemu-img {command} did not end within"
        f" {seconds:.0f} seconds",
        "copy the image to a faster disk, or, on the guest's host, load the snapshot and save"
        " the guest to a file",
    )
