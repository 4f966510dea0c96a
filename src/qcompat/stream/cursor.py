"""A position in the bytes of a stream, and the primitive values that are read from it.

Only this file knows how to run out of bytes: every reader above asks for values and gets them or
a StreamError with the offset and the path of the record. It knows no record of the format; those
are in `reader`, `ram`, `configuration` and `virtio`. All integers are big-endian, as QEMU's
qemu_put_be*() write them (migration/qemu-file.c).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager

from qcompat.errors import StreamError

Buffer = bytes | mmap.mmap

_HINT = "the file may be cut short or damaged: save the guest again and compare the sizes"


class Cursor:
    """Reads `buffer[offset:end]` forward; `record` names what is being read, for errors.

    `base` is added to offsets in errors, for a cursor over a part that was cut from a stream.
    """

    __slots__ = ("_forgotten", "_path", "base", "buffer", "end", "offset")

    def __init__(self, buffer: Buffer, offset: int = 0, *, record: str = "", base: int = 0) -> None:
        self.buffer = buffer
        self.offset = offset
        self.end = len(buffer)
        self.base = base
        self._path = [record] if record else []
        self._forgotten = 0

    @property
    def left(self) -> int:
        """Bytes between here and the end."""
        return self.end - self.offset

    @property
    def record(self) -> str:
        """The path of the record being read, such as `0000:00:02.0/virtio-blk[0]/config`."""
        return "/".join(self._path)

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Add `name` to the path of the record while the body runs."""
        self._path.append(name)
        yield
        self._path.pop()  # not on an error: the path is then part of its message

    def error(self, message: str, *, hint: str = "", offset: int | None = None) -> StreamError:
        """The error to raise here (or at `offset`)."""
        at = self.base + (self.offset if offset is None else offset)
        return StreamError(message, offset=at, record=self.record, hint=hint)

    def require(self, size: int, what: str) -> None:
        """Raise StreamError unless `size` bytes are left."""
        if size > self.left:
            raise self.error(f"{what} needs {size} bytes, {self.left} are left", hint=_HINT)

    def skip(self, size: int, what: str = "a field") -> None:
        self.require(size, what)
        self.offset += size

    def take(self, size: int, what: str = "a field") -> bytes:
        self.require(size, what)
        start = self.offset
        self.offset += size
        return self.buffer[start : self.offset]

    def peek(self, size: int = 1) -> bytes:
        """Up to `size` bytes ahead, without moving; shorter at the end of the stream."""
        return self.buffer[self.offset : min(self.offset + size, self.end)]

    def integer(self, size: int, what: str = "an integer") -> int:
        """An unsigned integer of `size` bytes."""
        return int.from_bytes(self.take(size, what), "big")

    def u8(self, what: str = "a byte") -> int:
        return self.integer(1, what)

    def u16(self, what: str = "a 16-bit integer") -> int:
        return self.integer(2, what)

    def u32(self, what: str = "a 32-bit integer") -> int:
        return self.integer(4, what)

    def u64(self, what: str = "a 64-bit integer") -> int:
        return self.integer(8, what)

    def name(self, what: str = "a name") -> str:
        """A name of up to 255 bytes after its length byte."""
        raw = self.take(self.u8(f"the length of {what}"), what)
        if not raw.isascii() or not raw.decode("ascii").isprintable():
            raise self.error(f"{what} is {raw[:40]!r}, which is no name", offset=self.offset)
        return raw.decode("ascii")

    def forget(self) -> None:
        """Let the system drop the pages of a mapped file that were read so far."""
        if not isinstance(self.buffer, mmap.mmap):
            return
        upto = self.offset - self.offset % mmap.ALLOCATIONGRANULARITY
        if upto > self._forgotten:
            self.buffer.madvise(mmap.MADV_DONTNEED, self._forgotten, upto - self._forgotten)
            self._forgotten = upto
