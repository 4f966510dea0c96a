"""Reading AML, the byte code of ACPI: bytes, package lengths, names and constant data.

Source: ACPI 6.5, chapter 20. Nothing is executed: what only an interpreter could evaluate is
`UnreadableError`.
"""

from __future__ import annotations

import msgspec

MOST_NESTED = 64
"""Levels of packages or scopes; QEMU's own tables have six."""
_LONGEST_PATH = 1024
_ROOT, _PARENT, _DUAL, _MULTI = 0x5C, 0x5E, 0x2E, 0x2F
_INTEGERS = {0x0A: 1, 0x0B: 2, 0x0C: 4, 0x0E: 8}
_CONSTANTS = {0x00: 0, 0x01: 1, 0xFF: (1 << 64) - 1}
_STRING, _BUFFER, _PACKAGE, _VAR_PACKAGE = 0x0D, 0x11, 0x12, 0x13


class UnreadableError(ValueError):
    """The bytes are no AML, or AML whose value only an interpreter could tell."""


class Reference(msgspec.Struct, frozen=True, order=True):
    """A name in the place of a value."""

    name: str


Value = int | str | bytes | Reference | tuple["Value", ...]


class Reader:
    """A place in a definition block. Every method raises UnreadableError."""

    def __init__(self, data: bytes, offset: int = 0) -> None:
        self.data = data
        self.offset = offset

    def byte(self) -> int:
        return self.take(1)[0]

    def peek(self, ahead: int = 0) -> int:
        if self.offset + ahead >= len(self.data):
            raise UnreadableError(f"the table ends at byte {len(self.data)}")
        return self.data[self.offset + ahead]

    def take(self, count: int) -> bytes:
        end = self.offset + count
        if count < 0 or end > len(self.data):
            raise UnreadableError(f"the table ends at byte {len(self.data)}")
        found = self.data[self.offset : end]
        self.offset = end
        return found

    def until(self, end: int) -> bytes:
        """What stands before offset `end`."""
        return self.take(end - self.offset)

    def end_of_package(self) -> int:
        """Reads a package length; returns the offset at which that package ends."""
        start = self.offset
        lead = self.byte()
        more = lead >> 6
        length = lead & 0x3F
        if more:
            length = (lead & 0xF) | int.from_bytes(self.take(more), "little") << 4
        end = start + length
        if not self.offset <= end <= len(self.data):
            raise UnreadableError(f"a package at byte {start} ends beyond its table")
        return end

    def name(self) -> str:
        """A name as written: `\\_SB.PCI0`, `^S08`, or empty."""
        prefix = ""
        while self.peek() in (_ROOT, _PARENT):
            prefix += chr(self.byte())
            if len(prefix) > MOST_NESTED:
                raise UnreadableError("a name climbs too far")
        lead = self.peek()
        if lead == 0:
            self.byte()
            return prefix
        count = 1
        if lead == _DUAL:
            self.byte()
            count = 2
        elif lead == _MULTI:
            self.byte()
            count = self.byte()
        return prefix + ".".join(self._segment() for _ in range(count))

    def value(self, depth: int = 0) -> Value:
        """Constant data: an integer, string, buffer, package, or a reference to a name."""
        lead = self.peek()
        if lead in _CONSTANTS:
            self.byte()
            return _CONSTANTS[lead]
        if lead in _INTEGERS:
            self.byte()
            return int.from_bytes(self.take(_INTEGERS[lead]), "little")
        if lead == _STRING:
            self.byte()
            return self._text()
        if lead == _BUFFER:
            self.byte()
            return self._buffer(depth)
        if lead in (_PACKAGE, _VAR_PACKAGE):
            self.byte()
            return self._package(depth, is_counted_by_value=lead == _VAR_PACKAGE)
        return Reference(self.name())

    def _text(self) -> str:
        end = self.data.find(b"\0", self.offset)
        if end < 0:
            raise UnreadableError("a string does not end")
        text = self.until(end).decode("latin-1")
        self.byte()
        return text

    def _buffer(self, depth: int) -> bytes:
        """Its bytes as initialised: what follows up to the stated size is zero, and left out."""
        end = self.end_of_package()
        self._deeper(depth)
        size = self.value(depth + 1)
        if not isinstance(size, int):
            raise UnreadableError("the size of a buffer is no number")
        return self.until(end)

    def _package(self, depth: int, *, is_counted_by_value: bool) -> tuple[Value, ...]:
        end = self.end_of_package()
        self._deeper(depth)
        if is_counted_by_value:
            self.value(depth + 1)
        else:
            self.byte()
        found: list[Value] = []
        while self.offset < end:
            found.append(self.value(depth + 1))
        if self.offset != end:
            raise UnreadableError(f"a package ends at byte {self.offset}, not {end}")
        return tuple(found)

    def _segment(self) -> str:
        text = self.take(4).decode("latin-1")
        if not (text.isascii() and text.replace("_", "A").isalnum()) or text[0].isdigit():
            raise UnreadableError(f"{text!r} is no name")
        return text.rstrip("_") or "_"

    def _deeper(self, depth: int) -> None:
        if depth >= MOST_NESTED:
            raise UnreadableError("data are nested too deeply")


def absolute(scope: str, name: str) -> str:
    """The path of `name` as defined in `scope`: segments joined by dots, without the root."""
    if name.startswith("\\"):
        path = name[1:]
    else:
        up = len(name) - len(name.lstrip("^"))
        parts = scope.split(".") if scope else []
        parts = parts[: max(0, len(parts) - up)]
        path = ".".join(part for part in (*parts, name[up:]) if part)
    if len(path) > _LONGEST_PATH:
        raise UnreadableError("a path is too long")
    return path
