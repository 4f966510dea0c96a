"""Bytes that arrive through a pipe or socket and can be read once.

They pass through a window, so that guest memory is read once and dropped; only what a reader
needs ahead of its place, the device sections at a stream's end, goes to an unnamed temporary file
(`InPipe.settle`).
"""

from __future__ import annotations

import shutil
import tempfile
from typing import IO

from qcompat.stream.input.file import InFile
from qcompat.stream.input.stream_bytes import ENOUGH, StreamBytes

_CHUNK = 1 << 20


class InPipe(StreamBytes):
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
        if self._start + len(self._window) - offset < ENOUGH:
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
        """Read the rest into an unnamed temporary file, and answer from that."""
        if self._settled is None:
            self._copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
            self._copy.write(self._window)
            shutil.copyfileobj(self._file, self._copy, _CHUNK)
            self._copy.flush()
            self._settled = InFile(self._copy.fileno(), self._start)
            self._window.clear()
        return self._settled

    def close(self) -> None:
        """Close the temporary file; the owner of the pipe closes that."""
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
