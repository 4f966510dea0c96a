"""The definitions of a block: devices, names, methods, regions, in order.

The bodies of methods and conditions stay bytes. Source: ACPI 6.5, 20.2.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from qcompat.compare.firmware.aml.reader import (
    MOST_NESTED,
    Reader,
    UnreadableError,
    Value,
    absolute,
)

Kind = Literal[
    "device",
    "zone",
    "processor",
    "power resource",
    "name",
    "method",
    "region",
    "alias",
    "field",
    "other",
]

_SCOPE, _NAME, _ALIAS, _METHOD, _EXTERNAL = 0x10, 0x08, 0x06, 0x14, 0x15
_CONDITIONS = (0xA0, 0xA1, 0xA2)
_CREATE_FIELDS = (0x8A, 0x8B, 0x8C, 0x8D, 0x8F)
_EXTENDED = 0x5B
_MUTEX, _EVENT, _REGION = 0x01, 0x02, 0x80
_FIELDS = (0x81, 0x86, 0x87)
_CONTAINERS: dict[int, tuple[Kind, int]] = {
    0x82: ("device", 0),
    0x85: ("zone", 0),
    0x83: ("processor", 6),
    0x84: ("power resource", 3),
}
"""Operation, and the bytes between the name and what is inside (number, address; level, order)."""


class Definition(msgspec.Struct, frozen=True):
    """One definition; a field or a condition has no name and is called `(field)`, `(other)`.

    `value` is a name's data, an alias's target, the bytes before a processor's or a power
    resource's contents, the space, address and length of a region, else the bytes as they are.
    `arguments` is a method's count of them.
    """

    path: str
    kind: Kind
    value: Value = b""
    arguments: int = 0


def definitions(block: bytes) -> Iterator[Definition]:
    """The definitions in a block (a table without its header). Errors: UnreadableError."""
    yield from _terms(Reader(block), len(block), "", 0)


def _terms(reader: Reader, end: int, scope: str, depth: int) -> Iterator[Definition]:
    if depth > MOST_NESTED:
        raise UnreadableError("scopes are nested too deeply")
    while reader.offset < end:
        at = reader.offset
        code = reader.byte()
        if code == _SCOPE:
            inner = reader.end_of_package()
            yield from _terms(reader, inner, absolute(scope, reader.name()), depth + 1)
        elif code == _EXTENDED and reader.peek() in _CONTAINERS:
            yield from _container(reader, scope, depth)
        elif code == _EXTENDED:
            yield _extended(reader, scope, at)
        else:
            yield _simple(reader, code, scope, at)
    if reader.offset != end:
        raise UnreadableError(f"a definition ends at byte {reader.offset}, its scope at {end}")


def _container(reader: Reader, scope: str, depth: int) -> Iterator[Definition]:
    kind, extra = _CONTAINERS[reader.byte()]
    end = reader.end_of_package()
    path = absolute(scope, reader.name())
    yield Definition(path, kind, reader.take(extra))
    yield from _terms(reader, end, path, depth + 1)


def _simple(reader: Reader, code: int, scope: str, at: int) -> Definition:
    if code == _NAME:
        path = absolute(scope, reader.name())
        return Definition(path, "name", reader.value())
    if code == _ALIAS:
        target = reader.name()
        return Definition(absolute(scope, reader.name()), "alias", target)
    if code == _METHOD:
        end = reader.end_of_package()
        path = absolute(scope, reader.name())
        flags = reader.byte()
        return Definition(path, "method", reader.until(end), flags & 7)
    if code == _EXTERNAL:
        return Definition(absolute(scope, reader.name()), "other", reader.take(2))
    if code in _CONDITIONS:
        end = reader.end_of_package()
        return Definition(_unnamed(scope, "other"), "other", reader.until(end))
    if code in _CREATE_FIELDS:
        reader.value()
        reader.value()
        return Definition(absolute(scope, reader.name()), "field", bytes([code]))
    raise UnreadableError(f"operation {code:#04x} at byte {at} of scope {scope or 'root'}")


def _extended(reader: Reader, scope: str, at: int) -> Definition:
    code = reader.byte()
    if code in _FIELDS:
        end = reader.end_of_package()
        return Definition(_unnamed(scope, "field"), "field", reader.until(end))
    if read := _NAMED.get(code):
        path = absolute(scope, reader.name())
        kind, value = read(reader)
        return Definition(path, kind, value)
    raise UnreadableError(f"operation 0x5b {code:#04x} at byte {at} of scope {scope or 'root'}")


def _unnamed(scope: str, kind: str) -> str:
    return f"{scope}.({kind})".lstrip(".")


def _region(reader: Reader) -> tuple[Kind, Value]:
    return "region", (reader.byte(), reader.value(), reader.value())


_NAMED: dict[int, Callable[[Reader], tuple[Kind, Value]]] = {
    _REGION: _region,
    _MUTEX: lambda reader: ("other", reader.take(1)),
    _EVENT: lambda _reader: ("other", b""),
}
