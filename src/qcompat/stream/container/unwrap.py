"""Opening a file and the stream in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO

from qcompat.errors import UsageError
from qcompat.local.foreign_file import open_foreign
from qcompat.stream.container import libvirt, qcow2
from qcompat.stream.container.decompress import decompressed
from qcompat.stream.container.pushback import PushbackFile
from qcompat.stream.container.wrapping import LONGEST, Wrapping, kind_of

_Unwrapped = tuple[Wrapping, IO[bytes]]


@contextmanager
def unwrapped(path: Path, *, snapshot: str | None = None) -> Iterator[_Unwrapped]:
    """What wraps the stream in the file at `path`, and the stream: see `unwrapped_file`.

    The path may be that of a disk or a pipe (`local.foreign_file`).
    Errors: FileFormatError too if it cannot be opened.
    """
    with (
        open_foreign(path, is_stream=True) as file,
        unwrapped_file(file, snapshot=snapshot, name=str(path)) as found,
    ):
        yield found


@contextmanager
def unwrapped_file(
    file: IO[bytes], *, snapshot: str | None = None, name: str = "standard input"
) -> Iterator[_Unwrapped]:
    """What wraps the stream in `file`, and a binary file at the stream's first byte.

    That file is `file` itself where nothing has to be undone, so its offsets are those of the
    whole; for a compressed file it is a pipe, for a qcow2 image a temporary file. A file without a
    known wrapping is not checked for a stream.
    `snapshot` is the name or the number of one in a qcow2 image; it may be None if there is only
    one with the state of a guest. `name` is what messages call the file.

    Children die with the thread that enters. Errors, on entering or leaving: UsageError for a
    request that cannot be met, or if a tool is missing; FileFormatError (StreamError where an
    offset is known) for a damaged file; EnvironmentError_ for lack of space or time.
    """
    wrapped = PushbackFile(file, name)
    head = wrapped.take(LONGEST)
    kind = kind_of(head)
    if snapshot is not None and kind != "qcow2":
        raise UsageError(
            f"{name} has no snapshots: it is not a qcow2 image",
            "leave the snapshot out, or name the qcow2 image that holds it",
        )
    with _opened(wrapped, head, kind, snapshot) as found:
        yield found


def _opened(
    wrapped: PushbackFile, head: bytes, kind: str, snapshot: str | None
) -> AbstractContextManager[_Unwrapped]:
    if kind == "none":
        return nullcontext((Wrapping(kind), wrapped.given_back(head)))
    if kind == "libvirt":
        return _of_libvirt(wrapped, head)
    if kind == "qcow2":
        return qcow2.extracted(wrapped, snapshot)
    return _piped(wrapped, head, Wrapping(kind, kind))


def _of_libvirt(wrapped: PushbackFile, head: bytes) -> AbstractContextManager[_Unwrapped]:
    wrapping = libvirt.unwrap(wrapped, head)
    if wrapping.compression:
        return _piped(wrapped, b"", wrapping)
    if not wrapped.is_seekable and dict(wrapping.details).get("libvirt format"):
        raise UsageError(
            f"{wrapped.name} is a pipe, and its save image of libvirt's sparse format: the guest's"
            " memory in it can only be found in a file",
            "name the file itself",
        )
    return nullcontext((wrapping, wrapped.file))


@contextmanager
def _piped(wrapped: PushbackFile, taken: bytes, wrapping: Wrapping) -> Iterator[_Unwrapped]:
    with decompressed(wrapped, taken, wrapping.compression) as pipe:
        yield wrapping, pipe
