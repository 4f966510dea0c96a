"""A position in the bytes of a stream, and the primitive values that are read from it.

Only this file handles the end of the bytes: every reader above asks for values and gets them, or
a StreamError with the offset and the path of the record. It knows no record of the format; those
are in `reader`, `memory` and `virtio`. All integers are big-endian, as QEMU's
qemu_put_be*() write them (migration/qemu-file.c).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qcompat.errors import StreamError, UndescribedError
from qcompat.stream.input.stream_bytes import StreamBytes

Buffer = bytes | StreamBytes

_HINT = "the file may be cut short or damaged: save the guest again and compare the sizes"
_STEP = 1 << 22  # bytes of a pipe that are held while something longer is skipped


class Cursor:
    """Reads `buffer` forward from `offset`; `record` names what is being read, for errors.

    `base` is added to offsets in errors, for a cursor over a part that was cut from a stream.
    """

    __slots__ = ("_path", "base", "buffer", "offset")

    def __init__(self, buffer: Buffer, offset: int = 0, *, record: str = "", base: int = 0) -> None:
        self.buffer = buffer
        self.offset = offset
        self.base = base
        self._path = [record] if record else []

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return len(self.buffer) if isinstance(self.buffer, bytes) else self.buffer.end

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

    def undescribed(self, message: str, *, hint: str = "") -> UndescribedError:
        """The error to raise here where the stream may be intact, but does not say enough."""
        at = self.base + self.offset
        return UndescribedError(message, offset=at, record=self.record, hint=hint)

    def skip(self, size: int, what: str = "a field") -> None:
        """Step over `size` bytes."""
        target = self.offset + size
        if isinstance(self.buffer, bytes):
            is_there = target <= len(self.buffer)
        else:
            is_there = self._reach(self.buffer, target)
        if not is_there:
            raise self._short(size, self.left, what)
        self.offset = target

    def take(self, size: int, what: str = "a field") -> bytes:
        start = self.offset
        data = self.buffer[start : start + size]
        if len(data) != size:
            raise self._short(size, len(data), what)
        self.offset = start + size
        return data

    def peek(self, size: int = 1) -> bytes:
        """Up to `size` bytes ahead, without moving; shorter at the end of the stream."""
        return self.buffer[self.offset : self.offset + size]

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
            raise self.error(f"{what} is {raw[:40]!r}, which is not a name")
        return raw.decode("ascii")

    def forget(self) -> None:
        """Release what was read so far from memory."""
        if not isinstance(self.buffer, bytes):
            self.buffer.forget(self.offset)

    def _short(self, size: int, left: int, what: str) -> StreamError:
        return self.error(f"{what} needs {size} bytes, {left} are left", hint=_HINT)

    def _reach(self, buffer: StreamBytes, target: int) -> bool:
        while not buffer.is_seekable and target - self.offset > _STEP:
            self.offset += _STEP
            if not buffer.reaches(self.offset):
                return False
            buffer.forget(self.offset)
        return buffer.reaches(target)
