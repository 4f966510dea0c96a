"""What every input can do, and the one that lies in memory."""

from __future__ import annotations

from abc import ABC, abstractmethod

ENOUGH = 1 << 16
"""Bytes in memory that are worth reading before more are loaded."""

_SEARCHED = 1 << 22  # read at once while something is searched


class StreamBytes(ABC):
    """The bytes of a stream by their offset in the file."""

    @property
    @abstractmethod
    def end(self) -> int:
        """The offset behind the last byte; a pipe is read to its end for it."""

    @property
    @abstractmethod
    def is_seekable(self) -> bool:
        """Whether the end can be read without all that is before it."""

    @abstractmethod
    def __getitem__(self, part: slice) -> bytes:
        """The bytes from `part.start` to `part.stop`, fewer at the end."""

    @abstractmethod
    def view(self, offset: int, size: int) -> memoryview:
        """Up to `size` bytes from `offset`, fewer at the end.

        Valid until the next call; the caller releases it.
        """

    @abstractmethod
    def window(self, offset: int, most: int) -> memoryview:
        """Like `view`, but only what is in memory where that is `ENOUGH`."""

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
        """The bytes stay in memory."""
