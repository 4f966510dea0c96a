"""The state of a guest in an internal snapshot of a qcow2 image, as a temporary file.

QEMU keeps it in the image behind the end of the disk: the active table of clusters goes on
there, and so does each snapshot's. No tool prints it, so a disk is made of it. What follows is
done to a throw-away overlay over the image's file seen as raw, never to the file:

1. `snapshot -a` makes the snapshot's table the active one, the state's part of it included
   (qcow2_snapshot_goto, block/qcow2-snapshot.c);
2. `resize` moves the end of the disk behind the state, and leaves alone what is there
   (qcow2_co_truncate, block/qcow2.c: zeroes are written only where a backing file would show);
3. `convert` copies that part of the disk.

The state begins at the first multiple, at or after the end of the disk, of what one table of
clusters covers (qcow2_vm_state_offset, block/qcow2.h). Read in QEMU 7.2 and 10.2.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import msgspec

from qcompat.errors import UNDECODABLE, FileFormatError, UsageError
from qcompat.stream.container.pushback import PushbackFile
from qcompat.stream.container.qemu_img import Node, Overlaid, in_sectors, overlaid, path_of
from qcompat.stream.container.snapshots import Snapshot, choose
from qcompat.stream.container.tool import scratch
from qcompat.stream.container.wrapping import STREAM, Wrapping

# docs/interop/qcow2 of QEMU: version, crypt_method and incompatible_features
_HEADER = struct.Struct(">4xI24xI36xQ")
_EXTERNAL_DATA = 1 << 2
_SLOWEST = 10 << 20  # bytes per second, below which copying is not expected to be
_ELSEWHERE = "on the guest's host, load the snapshot and save the guest to a file"


class _Features(msgspec.Struct, rename="kebab"):
    compat: str = ""
    extended_l2: bool = False


class _Specific(msgspec.Struct):
    data: _Features


class _Info(msgspec.Struct, rename="kebab"):
    """The part of `qemu-img info` that matters here."""

    virtual_size: int
    cluster_size: int
    format_specific: _Specific
    snapshots: tuple[Snapshot, ...] = ()


@contextmanager
def extracted(wrapped: PushbackFile, wanted: str | None) -> Iterator[tuple[Wrapping, IO[bytes]]]:
    """The state that the snapshot `wanted` holds (see `snapshots.choose`), as a temporary file.

    Errors: UsageError for a pipe, an image of a kind that is not supported, and as `choose` and
    `Overlaid.ask`; FileFormatError for a damaged image.
    """
    descriptor = _descriptor(wrapped)
    with overlaid(wrapped.name, descriptor) as image, scratch() as state:
        snapshot = choose(_info(image, image.original).snapshots, wanted, image.name)
        _check_size(snapshot, image)
        _copy(image, snapshot, state)
        yield Wrapping("qcow2", details=(("snapshot", snapshot.described()),)), state


def _descriptor(wrapped: PushbackFile) -> int:
    descriptor = wrapped.descriptor
    if descriptor is None or not wrapped.is_seekable:
        raise UsageError(
            f"{wrapped.name} is a pipe, and the qcow2 image in it can only be read from a file",
            "name the image itself",
        )
    header = os.pread(descriptor, _HEADER.size, 0)
    if len(header) < _HEADER.size:
        raise FileFormatError(
            f"{wrapped.name} ends within the header of a qcow2 image", "copy the image again"
        )
    _check_kind(header, wrapped.name)
    return descriptor


def _check_kind(header: bytes, name: str) -> None:
    """Refuse images that need a key, or that keep their data in other files."""
    version, crypt_method, features = _HEADER.unpack(header)
    if crypt_method:
        raise UsageError(f"{name} is an encrypted image: its snapshots cannot be read", _ELSEWHERE)
    if version > 2 and features & _EXTERNAL_DATA:
        raise UsageError(
            f"{name} keeps its data in another file: such an image has no snapshots",
            "name a file that the guest was saved to",
        )


def _info(image: Overlaid, node: Node) -> _Info:
    answer = image.ask("info", "--output=json", node)
    try:
        return msgspec.json.decode(answer, type=_Info)
    except UNDECODABLE as error:
        raise FileFormatError(
            f"the answer of qemu-img about {image.name} cannot be read: {error}",
            "run `qemu-img check` on a copy of the image",
        ) from error


def _check_size(snapshot: Snapshot, image: Overlaid) -> None:
    # savevm writes neither holes nor compressed clusters (qcow2_co_save_vmstate, block/qcow2.c)
    if not 0 < snapshot.vm_state_size <= image.length:
        raise FileFormatError(
            f"snapshot {snapshot.name} cannot be in {image.name}: its state would have"
            f" {snapshot.vm_state_size} bytes, the whole image has {image.length}",
            "the image is damaged, or was cut short in copying",
        )


def _copy(image: Overlaid, snapshot: Snapshot, state: IO[bytes]) -> None:
    # by number: that counts before a name here, and no two snapshots have the same
    image.ask("snapshot", "-a", snapshot.id, image.view)
    info = _info(image, image.view)
    if info.format_specific.data.compat == "0.10":
        # such an image cannot be resized while it has snapshots (qcow2_co_truncate)
        image.ask("amend", "-q", "-f", "qcow2", "-o", "compat=1.1", image.view)
    start, length = _start(info), in_sectors(snapshot.vm_state_size)
    image.ask("resize", "-q", image.view, str(start + length))
    part = {"driver": "raw", "offset": start, "size": length, "file": image.view}
    state.truncate(length)
    image.ask(
        *("convert", "-n", "-O", "raw", part, path_of(state.fileno())),
        descriptor=state.fileno(),
        seconds=60 + length / _SLOWEST,
    )
    state.truncate(snapshot.vm_state_size)
    _check_begin(state, snapshot, image)


def _start(info: _Info) -> int:
    entry = 16 if info.format_specific.data.extended_l2 else 8
    covered = info.cluster_size * (info.cluster_size // entry)
    return -(-info.virtual_size // covered) * covered


def _check_begin(state: IO[bytes], snapshot: Snapshot, image: Overlaid) -> None:
    begin = os.pread(state.fileno(), len(STREAM), 0)
    if begin != STREAM:
        raise FileFormatError(
            f"the state in snapshot {snapshot.name} of {image.name} begins with {begin!r},"
            f" a migration stream with {STREAM!r}",
            "run `qemu-img check` on a copy of the image",
        )
