"""Bytes that lie in memory."""

from __future__ import annotations

from qcompat.stream.input.stream_bytes import StreamBytes


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
