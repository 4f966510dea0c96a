"""Opening what a stream is read from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from qcompat.errors import FileFormatError, StreamError
from qcompat.local.foreign_file import open_foreign
from qcompat.stream.input.file import InFile
from qcompat.stream.input.pipe import InPipe
from qcompat.stream.input.stream_bytes import InMemory, StreamBytes

Input = bytes | Path | IO[bytes]
"""Bytes, the path of a file, or an open binary file, pipe or socket."""


@contextmanager
def opened(given: Input) -> Iterator[tuple[StreamBytes, int]]:
    """The bytes of `given` and the offset at which its stream begins.

    An open file begins at its current position. Raises StreamError if it cannot be read.
    """
    if isinstance(given, bytes):
        yield InMemory(given), 0
        return
    try:
        if isinstance(given, Path):
            with open_foreign(given, is_stream=True) as file, _opened(file) as found:
                yield found
        else:
            with _opened(given) as found:
                yield found
    except StreamError:
        raise
    except FileFormatError as error:
        raise StreamError(error.message, offset=0, hint=error.hint) from error
    except BrokenPipeError:
        raise  # no read ends so: whoever reads what is written of the stream has gone
    except OSError as error:
        raise StreamError(f"cannot read the stream: {error}", offset=0) from error


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[tuple[StreamBytes, int]]:
    if _is_seekable(file):
        yield InFile(file.fileno()), file.tell()
        return
    arriving = InPipe(file)
    try:
        yield arriving, 0
    finally:
        arriving.close()


def _is_seekable(file: IO[bytes]) -> bool:
    try:
        file.fileno()
    except OSError:  # io.UnsupportedOperation: a file in memory
        return False
    return file.seekable()
