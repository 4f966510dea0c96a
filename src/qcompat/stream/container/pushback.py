"""A file, perhaps a pipe, whose first bytes can be taken and given back."""

from __future__ import annotations

import io
import os
from typing import IO

from qcompat.errors import EnvironmentError_


class PushbackFile:
    """An open binary file, from its current position on; takes exactly the bytes asked for.

    `name` is what messages call it.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.file = file
        self.name = name
        self.is_seekable = file.seekable()
        self._start = file.tell() if self.is_seekable else 0
        self._taken = 0

    @property
    def offset(self) -> int:
        """The offset of the next byte: in the file, or in a pipe since it was given here."""
        return self._start + self._taken

    @property
    def descriptor(self) -> int | None:
        """The descriptor from which a child can read the same bytes; None if there is none.

        Other kinds of files may have a descriptor too, but of the file that they transform.
        """
        raw = getattr(self.file, "raw", self.file)
        return raw.fileno() if isinstance(raw, io.FileIO) else None

    def take(self, length: int) -> bytes:
        """The next bytes; fewer than `length` only at the end.

        Errors: EnvironmentError_ if the file cannot be read.
        """
        parts = []
        try:
            while length and (part := self.file.read(length)):
                parts.append(part)
                length -= len(part)
        except OSError as error:
            raise EnvironmentError_(f"cannot read {self.name}: {error}") from error
        taken = b"".join(parts)
        self._taken += len(taken)
        return taken

    def buffered(self) -> bytes:
        """The bytes that Python has read ahead: a child cannot read them from the descriptor."""
        if not isinstance(self.file, io.BufferedReader):
            return b""
        return self.file.read(len(self.file.peek()))

    def given_back(self, taken: bytes) -> IO[bytes]:
        """The file, positioned before the bytes that were just taken from it."""
        if self.is_seekable:
            self._taken -= len(taken)
            self.file.seek(self.offset)
            return self.file
        return io.BufferedReader(_Rejoined(taken, self.file))

    def handed_over(self, descriptor: int) -> int:
        """The same descriptor, moved to the position of this seekable file."""
        os.lseek(descriptor, self.offset, os.SEEK_SET)
        return descriptor


class _Rejoined(io.RawIOBase):
    """Bytes that were taken from a pipe, and then the rest of it.

    It has no descriptor on purpose: a read from that would miss the first bytes.
    """

    def __init__(self, taken: bytes, rest: IO[bytes]) -> None:
        self._taken = taken
        # of a buffered file, what a single read returns, without waiting for a slow pipe
        self._read = getattr(rest, "read1", rest.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int | None:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        found, self._taken = self._taken[: len(view)], self._taken[len(view) :]
        found = found or self._read(len(view))
        if found is None:  # a non-blocking pipe that has nothing yet
            return None
        view[: len(found)] = found
        return len(found)
