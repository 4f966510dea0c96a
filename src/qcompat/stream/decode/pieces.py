"""Cutting a value into parts, from its first byte to its last.

Every decoder reads through a `Pieces`: each read appends a Field, so that nothing is left out,
nothing counted twice, and each part knows its place in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from qcompat.errors import StreamError
from qcompat.stream.decode.field import Field
from qcompat.stream.layout import Scalar
from qcompat.stream.record import Record

Order = Literal["big", "little"]
Meaning = str | Callable[[int], str]

_HEADER = 6  # of a subsection, besides its name: mark, length of the name, version
_MOST = 200_000  # parts of one value; the largest in real streams has some thousands


class Group:
    """What the parts of a group mean together; its body sets it."""

    __slots__ = ("meaning", "value")

    def __init__(self, meaning: str, value: Scalar) -> None:
        self.meaning = meaning
        self.value = value


class Pieces:
    """The bytes `data`, which begin at `base` in the file; `at` is the next byte to take."""

    __slots__ = ("_made", "_parts", "_prefix", "at", "base", "data")

    def __init__(self, data: bytes, base: int = 0, at: int = 0) -> None:
        self.data = data
        self.base = base
        self.at = at
        self._parts: list[Field] = []
        self._prefix = ""
        self._made = 0

    @property
    def parts(self) -> tuple[Field, ...]:
        """What has been cut so far."""
        return tuple(self._parts)

    @property
    def left(self) -> int:
        """Bytes that are not cut yet."""
        return len(self.data) - self.at

    def error(self, message: str) -> StreamError:
        """The error for the bytes here."""
        return StreamError(message, offset=self.base + self.at, record=self._prefix.rstrip("/"))

    def number(
        self, name: str, size: int, order: Order = "big", meaning: Meaning = "", count: int = 1
    ) -> int:
        """An unsigned number of `size` bytes, or `count` of them; returns the first.

        `meaning` may be a function of that number.
        """
        raw = self._take(name, size * count)
        if not raw:
            return 0
        first = int.from_bytes(raw[:size], order)
        value: Scalar | tuple[Scalar, ...] = first
        if count != 1:
            value = tuple(
                int.from_bytes(raw[at : at + size], order) for at in range(0, len(raw), size)
            )
        text = meaning if isinstance(meaning, str) else meaning(first)
        self._add(name, _kind(size, order), size, count, value, text)
        return first

    def flag(self, name: str) -> bool:
        """A byte that is 0 or not."""
        raw = self._take(name, 1)
        self._add(name, "bool", 1, 1, raw != b"\0")
        return raw != b"\0"

    def plain(self, name: str, size: int, kind: str = "bytes", meaning: str = "") -> bytes:
        """Bytes that are not a number, or whose meaning is a text."""
        raw = self._take(name, size)
        self._add(name, kind, size, 1, raw, meaning)
        return raw

    def stepped_over(self, name: str, size: int, kind: str, meaning: str) -> None:
        """Bytes whose `meaning` is all there is to show."""
        self._take(name, size)
        self._add(name, kind, size, 1, None, meaning)

    def unused(self, name: str, size: int, meaning: str = "unused") -> None:
        """Bytes that hold nothing: opaque if they hold something after all."""
        raw = self._take(name, size)
        if size:
            value = raw if any(raw) else None
            self._add(name, "unused", size, 1, value, meaning, is_opaque=any(raw))

    def opaque(self, name: str, size: int, meaning: str = "") -> None:
        """Bytes that are not understood; no part at all for none."""
        raw = self._take(name, size)
        if size:
            self._add(name, "bytes", size, 1, raw, meaning, is_opaque=True)

    @contextmanager
    def group(
        self, name: str, kind: str = "structure", meaning: str = "", value: Scalar = None
    ) -> Iterator[Group]:
        """The parts that the body cuts become the parts of one part."""
        outer, prefix, start = self._parts, self._prefix, self.at
        self._parts, self._prefix = [], f"{prefix}{name}/"
        about = Group(meaning, value)
        yield about
        inner = tuple(self._parts)
        self._parts, self._prefix = outer, prefix
        self._parts.append(
            Field(
                prefix + name, kind, self.base + start, self.at - start,
                1, about.value, about.meaning, inner,
            )
        )  # fmt: skip

    def inner(self, size: int) -> Pieces:
        """The next `size` bytes alone, for an attempt; `adopt` takes its parts over."""
        if size > self.left:
            raise self.error(f"{size} bytes are needed, {self.left} are left")
        found = Pieces(self.data[self.at : self.at + size], self.base + self.at)
        found._prefix = self._prefix
        return found

    def adopt(self, inner: Pieces) -> None:
        """Take the parts of `inner`, which begins here."""
        self._parts += inner._parts
        self.at += inner.at

    def starts_subsection(self, name: str) -> bool:
        """Whether a subsection of that name begins here."""
        mark = Record.SUBSECTION.mark + bytes([len(name)]) + name.encode()
        return self.data[self.at : self.at + len(mark)] == mark

    @contextmanager
    def subsection(self, name: str) -> Iterator[int]:
        """The group of the subsection that begins here, its header cut; yields its version."""
        with self.group(f"<{name}>", "subsection") as about:
            header = self.plain("header", _HEADER + len(name), "subsection header")
            version = int.from_bytes(header[-4:], "big")
            about.value = version
            yield version

    def _take(self, name: str, size: int) -> bytes:
        if not 0 <= size <= self.left:
            raise self.error(f"{name} needs {size} bytes, {self.left} are left")
        start = self.at
        self.at += size
        return self.data[start : self.at]

    def _add(
        self,
        name: str,
        kind: str,
        size: int,
        count: int,
        value: Scalar | tuple[Scalar, ...],
        meaning: str = "",
        *,
        is_opaque: bool = False,
    ) -> None:
        self._made += 1
        if self._made > _MOST:
            raise self.error(f"more than {_MOST} parts")
        start = self.base + self.at - size * count
        self._parts.append(
            Field(self._prefix + name, kind, start, size, count, value, meaning, (), is_opaque)
        )


def _kind(size: int, order: Order) -> str:
    return "u8" if size == 1 else f"u{8 * size} {order}-endian"
