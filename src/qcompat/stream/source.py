"""Where a stream's bytes come from: memory, a file, or a pipe or socket.

A file is mapped and never loaded. What arrives through a pipe passes through a window, so that
guest memory is read once and dropped; only what a reader has to look ahead for, the
device sections at a stream's end, goes into an unnamed temporary file (`Arriving.settle`).
What the bytes mean is the business of `cursor` and of the readers above it.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from qcompat.errors import StreamError

Source = bytes | Path | IO[bytes]

_CHUNK = 1 << 20
_CHANGED = "the file is being written to: read it when the save has ended"


class StreamBytes(ABC):
    """The bytes of a stream by their offset in the file, as far as they are at hand."""

    @property
    @abstractmethod
    def end(self) -> int:
        """The offset behind the last byte; a pipe is read through to learn it."""

    @property
    @abstractmethod
    def is_seekable(self) -> bool:
        """Whether the end can be looked at without reading all that is before it."""

    @abstractmethod
    def __getitem__(self, part: slice) -> bytes:
        """The bytes from `part.start` to `part.stop`, fewer at the end."""

    @abstractmethod
    def view(self, offset: int, size: int) -> memoryview:
        """Up to `size` bytes from `offset` without a copy; to be released by the caller."""

    @abstractmethod
    def reaches(self, offset: int) -> bool:
        """Whether there are bytes up to `offset`."""

    @abstractmethod
    def find(self, needle: bytes, start: int) -> int:
        """The offset of `needle` at or behind `start`, or -1."""

    @abstractmethod
    def rfind(self, needle: bytes, start: int, end: int) -> int:
        """The offset of the last `needle` between `start` and `end`, or -1."""

    @abstractmethod
    def forget(self, offset: int) -> None:
        """Nothing before `offset` will be asked for again, or seldom."""


class Stored(StreamBytes):
    """Bytes that lie in memory or in a mapped file; `base` is the offset of the first."""

    def __init__(self, buffer: bytes | mmap.mmap, base: int = 0, descriptor: int = -1) -> None:
        self._buffer = buffer
        self._base = base
        self._descriptor = descriptor
        self._forgotten = 0

    @property
    def end(self) -> int:
        return self._base + len(self._buffer)

    @property
    def is_seekable(self) -> bool:
        return True

    def __getitem__(self, part: slice) -> bytes:
        self._check()
        return self._buffer[part.start - self._base : part.stop - self._base]

    def view(self, offset: int, size: int) -> memoryview:
        self._check()
        with memoryview(self._buffer) as whole:
            return whole[offset - self._base : offset - self._base + size]

    def reaches(self, offset: int) -> bool:
        return offset <= self.end

    def find(self, needle: bytes, start: int) -> int:
        return self._from_base(self._buffer.find(needle, start - self._base))

    def rfind(self, needle: bytes, start: int, end: int) -> int:
        return self._from_base(self._buffer.rfind(needle, start - self._base, end - self._base))

    def forget(self, offset: int) -> None:
        """Let the system drop the pages of a mapped file, which would count as our memory."""
        upto = offset - self._base
        if isinstance(self._buffer, mmap.mmap) and upto - self._forgotten >= _CHUNK:
            upto -= upto % mmap.ALLOCATIONGRANULARITY
            self._buffer.madvise(mmap.MADV_DONTNEED, 0, upto)
            self._forgotten = upto

    def _from_base(self, found: int) -> int:
        return found + self._base if found >= 0 else -1

    def _check(self) -> None:
        """A mapped file that was cut would end the process when it is looked at there."""
        if self._descriptor >= 0 and os.fstat(self._descriptor).st_size < len(self._buffer):
            raise StreamError("the file became shorter while it was read", offset=0, hint=_CHANGED)


class Arriving(StreamBytes):
    """Bytes that arrive through a pipe or socket and can be read once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._window = bytearray()
        self._start = 0
        self._is_over = False
        self._settled: Stored | None = None
        self._copy: IO[bytes] | None = None

    @property
    def end(self) -> int:
        return self.settle().end

    @property
    def is_seekable(self) -> bool:
        return self._settled is not None

    def __getitem__(self, part: slice) -> bytes:
        if self._settled:
            return self._settled[part]
        self._fill(part.stop)
        return bytes(self._window[part.start - self._start : part.stop - self._start])

    def view(self, offset: int, size: int) -> memoryview:
        if self._settled:
            return self._settled.view(offset, size)
        self._fill(offset + size)
        with memoryview(self._window) as whole:
            return whole[offset - self._start : offset - self._start + size]

    def reaches(self, offset: int) -> bool:
        if self._settled:
            return self._settled.reaches(offset)
        self._fill(offset)
        return offset <= self._start + len(self._window)

    def find(self, needle: bytes, start: int) -> int:
        return self.settle().find(needle, start)

    def rfind(self, needle: bytes, start: int, end: int) -> int:
        return self.settle().rfind(needle, start, end)

    def forget(self, offset: int) -> None:
        if self._settled:
            self._settled.forget(offset)
        elif offset - self._start >= _CHUNK:
            del self._window[: offset - self._start]
            self._start = max(offset, self._start)

    def settle(self) -> Stored:
        """Read the rest into an unnamed temporary file, which then serves all questions."""
        if self._settled is None:
            self._copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
            self._copy.write(self._window)
            shutil.copyfileobj(self._file, self._copy, _CHUNK)
            self._copy.flush()
            self._settled = Stored(_mapped(self._copy), self._start)
            self._window.clear()
        return self._settled

    def close(self) -> None:
        if self._copy:
            self._copy.close()

    def _fill(self, offset: int) -> None:
        while not self._is_over and self._start + len(self._window) < offset:
            data = self._file.read(_CHUNK)
            self._window += data
            self._is_over = not data


@contextmanager
def opened(source: Source) -> Iterator[tuple[StreamBytes, int]]:
    """The bytes of `source` and the offset at which its stream begins.

    An open file begins at its current position. Raises StreamError if it cannot be read.
    """
    if isinstance(source, bytes):
        yield Stored(source), 0
        return
    try:
        if isinstance(source, Path):
            with source.open("rb") as file, _opened(file) as found:
                yield found
        else:
            with _opened(source) as found:
                yield found
    except OSError as error:
        raise StreamError(f"cannot read the stream: {error}", offset=0) from error


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[tuple[StreamBytes, int]]:
    if _is_mappable(file):
        mapped = _mapped(file)
        try:
            yield Stored(mapped, descriptor=file.fileno()), file.tell()
        finally:
            _close(mapped)
        return
    arriving = Arriving(file)
    try:
        yield arriving, 0
    finally:
        arriving.close()


def _close(mapped: bytes | mmap.mmap) -> None:
    if isinstance(mapped, mmap.mmap):
        mapped.close()


def _mapped(file: IO[bytes]) -> bytes | mmap.mmap:
    if os.fstat(file.fileno()).st_size == 0:
        return b""  # an empty file cannot be mapped
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _is_mappable(file: IO[bytes]) -> bool:
    try:
        file.fileno()
    except OSError:  # io.UnsupportedOperation: a file in memory
        return False
    return file.seekable()
