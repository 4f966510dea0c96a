"""The compressed part of a file, as a pipe from the tool that decompresses it.

The tool reads the file itself, as its standard input. If the file is a pipe, some bytes were taken
to recognise it; `cat` joins those and the rest of the pipe.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from qcompat.errors import EnvironmentError_, FileFormatError, StreamError
from qcompat.stream.container import tool
from qcompat.stream.container.pushback import PushbackFile
from qcompat.stream.container.tool import scratch

_COMMANDS = {
    "gzip": ("gzip", "-dc"),
    "bzip2": ("bzip2", "-dc"),
    "xz": ("xz", "-dc"),
    # as libvirt does: lzop warns about headers that are none of a reader's concern
    "lzop": ("lzop", "-dc", "--ignore-warn"),
    "zstd": ("zstd", "-dc"),
}
# Their manuals: a warning, such as of something behind the compressed data. For bzip2 and zstd
# the same code is an error.
_WARNED = {"gzip": 2, "xz": 2, "lzop": 2}
_PATIENCE = 2.0  # seconds that a tool has to end after its output was closed
_HINT = "the file may have been cut short or damaged in copying: copy it, or save the guest, again"


@contextmanager
def decompressed(wrapped: PushbackFile, taken: bytes, name: str) -> Iterator[IO[bytes]]:
    """What the tool `name` makes of the rest of `wrapped`, with `taken` before it if it is a pipe.

    Errors: UsageError if the tool is missing. On leaving, where the body raised nothing or a
    FileFormatError: FileFormatError with the tool's own message, if the tool failed.
    """
    with scratch() as errors, _fed(wrapped, taken) as stdin:
        process = tool.start(_COMMANDS[name], stdin=stdin, stdout=subprocess.PIPE, stderr=errors)
        assert process.stdout is not None
        try:
            yield process.stdout
        except FileFormatError as error:
            if complaint := _complaint(process, name, errors):
                raise _damaged(wrapped.name, complaint, error) from error
            raise
        else:
            if complaint := _complaint(process, name, errors):
                raise _damaged(wrapped.name, complaint)
        finally:
            tool.end(process)


@contextmanager
def _fed(wrapped: PushbackFile, taken: bytes) -> Iterator[int | IO[bytes]]:
    """What the tool reads as its standard input."""
    descriptor = wrapped.descriptor
    if descriptor is None:
        with scratch() as copy:
            copy.write(taken)
            shutil.copyfileobj(wrapped.file, copy, 1 << 20)
            copy.seek(0)
            yield copy
    elif wrapped.is_seekable:
        wrapped.given_back(taken)
        yield wrapped.handed_over(descriptor)
    else:
        with _joined(taken + wrapped.buffered(), descriptor) as pipe:
            yield pipe


@contextmanager
def _joined(taken: bytes, descriptor: int) -> Iterator[IO[bytes]]:
    with scratch() as first:
        first.write(taken)
        first.flush()
        number = first.fileno()
        words = ("cat", f"/proc/self/fd/{number}", "-")
        process = tool.start(words, stdin=descriptor, stdout=subprocess.PIPE, descriptors=(number,))
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            tool.end(process)


def _complaint(process: subprocess.Popen[bytes], name: str, errors: IO[bytes]) -> str:
    """The tool's error message about the file; empty without one, or if it did not finish."""
    assert process.stdout is not None
    process.stdout.close()
    try:
        code = process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        return ""
    if code in (0, -signal.SIGPIPE, _WARNED.get(name)):
        return ""
    if code < 0:
        raise EnvironmentError_(
            f"{name} {tool.how_ended(code)} while it decompressed the stream",
            "check the kernel's log for a lack of memory, and try again",
        )
    return f"{name} said: {tool.first_error(errors, name)}"


def _damaged(name: str, complaint: str, error: FileFormatError | None = None) -> FileFormatError:
    """The error that replaces the reader's error about the early end, at the same offset."""
    message = f"{name} cannot be decompressed: {complaint}"
    if isinstance(error, StreamError):
        return StreamError(message, offset=error.offset, record=error.record, hint=_HINT)
    return FileFormatError(message, _HINT)
