"""Where a stream's bytes come from: memory, a file, or a pipe or socket.

A file is read where it is asked for, never as a whole, and never mapped: a mapped file that
someone cuts ends the process that looks at it. What arrives through a pipe passes through a
window, so that guest memory is read once and dropped; only what a reader has to look ahead for,
the device sections at a stream's end, goes into an unnamed temporary file (`Arriving.settle`).
What the bytes mean is the business of `cursor` and of the readers above it.
"""

from __future__ import annotations

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
_SMALL = 1 << 16  # read at once around what is asked for
_ENOUGH = 1 << 16  # bytes at hand that are worth a look before more are read
_SEARCHED = 1 << 22  # read at once while something is searched


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
        """Up to `size` bytes from `offset`, fewer at the end.

        Valid until the next question to this object; to be released by the caller.
        """

    @abstractmethod
    def window(self, offset: int, most: int) -> memoryview:
        """Like `view`, but fewer bytes where some are at hand already."""

    @abstractmethod
    def reaches(self, offset: int) -> bool:
        """Whether there are bytes up to `offset`."""

    @abstractmethod
    def forget(self, offset: int) -> None:
        """Nothing before `offset` will be asked for again."""

    def find(self, needle: bytes, start: int) -> int:
        """The offset of `needle` at or behind `start`, or -1."""
        at, end = start, self.end
        while at < end:
            found = self[at : at + _SEARCHED].find(needle)
            if found >= 0:
                return at + found
            at += _SEARCHED - len(needle) + 1
        return -1

    def rfind(self, needle: bytes, start: int, end: int) -> int:
        """The offset of the last `needle` between `start` and `end`, or -1."""
        while end > start:
            at = max(start, end - _SEARCHED)
            found = self[at:end].rfind(needle)
            if found >= 0:
                return at + found
            end = at + len(needle) - 1 if at > start else start
        return -1


class InMemory(StreamBytes):
    """Bytes that lie in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def end(self) -> int:
        return len(self._data)

    @property
    def is_seekable(self) -> bool:
        return True

    def __getitem__(self, part: slice) -> bytes:
        return self._data[part]

    def view(self, offset: int, size: int) -> memoryview:
        with memoryview(self._data) as whole:
            return whole[offset : offset + size]

    def window(self, offset: int, most: int) -> memoryview:
        return self.view(offset, most)

    def reaches(self, offset: int) -> bool:
        return offset <= len(self._data)

    def forget(self, offset: int) -> None:
        """Memory is not ours to give back."""


class InFile(StreamBytes):
    """The bytes of an open file; `base` is the offset that its first byte has."""

    def __init__(self, descriptor: int, base: int = 0) -> None:
        self._descriptor = descriptor
        self._base = base
        self._size = os.fstat(descriptor).st_size
        self._held = bytearray()
        self._start = self._stop = base

    @property
    def end(self) -> int:
        return self._base + self._size

    @property
    def is_seekable(self) -> bool:
        return True

    def __getitem__(self, part: slice) -> bytes:
        start, size = part.start, part.stop - part.start
        if size > _SMALL:
            return self._read(start, size)
        if not self._start <= start <= part.stop <= self._stop:
            self._load(start, _SMALL)
        at = start - self._start
        return bytes(self._held[at : at + min(size, max(self._stop - start, 0))])

    def view(self, offset: int, size: int) -> memoryview:
        if not self._start <= offset <= offset + size <= self._stop:
            self._load(offset, size)
        return self._view(offset, size)

    def window(self, offset: int, most: int) -> memoryview:
        if not self._start <= offset or self._stop - offset < _ENOUGH:
            self._load(offset, most)
        return self._view(offset, most)

    def reaches(self, offset: int) -> bool:
        return offset <= self.end

    def forget(self, offset: int) -> None:
        """What is held is overwritten by what is read next."""

    def _view(self, offset: int, size: int) -> memoryview:
        with memoryview(self._held) as whole:
            return whole[offset - self._start : min(offset + size, self._stop) - self._start]

    def _load(self, offset: int, size: int) -> None:
        """Hold the bytes from `offset` on, fewer than `size` at the end."""
        if len(self._held) < size:
            self._held = bytearray(size)
        with memoryview(self._held) as whole, whole[:size] as part:
            count = os.preadv(self._descriptor, [part], offset - self._base)
        self._start, self._stop = offset, offset + count

    def _read(self, offset: int, size: int) -> bytes:
        parts = []
        while size > 0 and (data := os.pread(self._descriptor, size, offset - self._base)):
            parts.append(data)
            offset, size = offset + len(data), size - len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)


class Arriving(StreamBytes):
    """Bytes that arrive through a pipe or socket and can be read once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._window = bytearray()
        self._start = 0
        self._is_over = False
        self._settled: InFile | None = None
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
        return self._view(offset, size)

    def window(self, offset: int, most: int) -> memoryview:
        if self._settled:
            return self._settled.window(offset, most)
        if self._start + len(self._window) - offset < _ENOUGH:
            self._fill(offset + most)
        return self._view(offset, most)

    def reaches(self, offset: int) -> bool:
        if self._settled:
            return self._settled.reaches(offset)
        self._fill(offset)
        return offset <= self._start + len(self._window)

    def forget(self, offset: int) -> None:
        if not self._settled and offset - self._start >= _CHUNK:
            del self._window[: offset - self._start]
            self._start = offset

    def settle(self) -> InFile:
        """Read the rest into an unnamed temporary file, which then serves all questions."""
        if self._settled is None:
            self._copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
            self._copy.write(self._window)
            shutil.copyfileobj(self._file, self._copy, _CHUNK)
            self._copy.flush()
            self._settled = InFile(self._copy.fileno(), self._start)
            self._window.clear()
        return self._settled

    def close(self) -> None:
        """Give the temporary file back; the pipe is its owner's."""
        if self._copy:
            self._copy.close()

    def _view(self, offset: int, size: int) -> memoryview:
        with memoryview(self._window) as whole:
            return whole[offset - self._start : offset - self._start + size]

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
        yield InMemory(source), 0
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
    if _is_seekable(file):
        yield InFile(file.fileno()), file.tell()
        return
    arriving = Arriving(file)
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
