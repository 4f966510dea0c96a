"""Where a stream's bytes come from: memory, a file, or a pipe.

A file is mapped, never loaded: what a stream holds of guest memory is skipped over. A pipe is
first written to an unnamed temporary file, because the description that tells the lengths of
the device sections is at a stream's end.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from qcompat.errors import StreamError
from qcompat.stream.cursor import Buffer

Source = bytes | Path | IO[bytes]


@contextmanager
def opened(source: Source) -> Iterator[tuple[Buffer, int]]:
    """The bytes of `source` and the offset at which its stream begins.

    An open file begins at its current position. Raises StreamError if it cannot be read.
    """
    if isinstance(source, bytes):
        yield source, 0
        return
    try:
        if isinstance(source, Path):
            file: IO[bytes] = source.open("rb")
        else:
            file = source if _is_mappable(source) else _spooled(source)
        start = file.tell()
        mapped = _mapped(file)
    except OSError as error:
        raise StreamError(f"cannot read the stream: {error}", offset=0) from error
    try:
        yield mapped, start
    finally:
        if isinstance(mapped, mmap.mmap):
            mapped.close()
        if file is not source:
            file.close()


def _mapped(file: IO[bytes]) -> Buffer:
    if os.fstat(file.fileno()).st_size == 0:
        return b""  # an empty file cannot be mapped
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _is_mappable(file: IO[bytes]) -> bool:
    try:
        file.fileno()
    except OSError:  # io.UnsupportedOperation: a file in memory
        return False
    return file.seekable()


def _spooled(file: IO[bytes]) -> IO[bytes]:
    copy = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed by `opened`
    shutil.copyfileobj(file, copy, 1 << 20)
    copy.flush()
    copy.seek(0)
    return copy
