"""The bytes of an open file, read by position on demand.

The file is never mapped: truncating a mapped file kills the process that reads it.
"""

from __future__ import annotations

import os

from qcompat.stream.input.stream_bytes import ENOUGH, StreamBytes

_SMALL = 1 << 16  # read at once around what is asked for


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
        if not self._start <= offset or self._stop - offset < ENOUGH:
            self._load(offset, most)
        return self._view(offset, most)

    def reaches(self, offset: int) -> bool:
        return offset <= self.end

    def forget(self, offset: int) -> None:
        """The next read overwrites what is held."""

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
