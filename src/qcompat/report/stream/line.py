"""One line of what differs: the place and both values, and the helpers that make such lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from qcompat.report.stream.readings import Readings
from qcompat.stream.decode.field import Field

Ends = tuple[Readings, Readings]
"""What the fields of source and target are called."""

_MOST = 16
"""Places of one row of bytes that are told one by one."""


class Line(msgspec.Struct, frozen=True):
    """One place: `where` is the section or block, `what` the part of it; None is "not there"."""

    where: str
    what: str
    source: Any
    target: Any


def places(where: str, what: str, one: bytes, other: bytes) -> Iterator[Line]:
    """Bytes: the whole where short, else each differing place, and how many there are."""
    if len(one) != len(other) or len(one) <= _MOST:
        yield Line(where, what, one, other)
        return
    count = 0
    for at, (a, b) in enumerate(zip(one, other, strict=True)):
        if a != b:
            count += 1
            if count <= _MOST:
                yield Line(where, f"{what} + {at:#x}", bytes([a]), bytes([b]))
    if count > _MOST:
        yield Line(where, f"{what}, differing bytes", count, count)


def reading(field: Field | None) -> Any:
    """The value of a decoded field, or its meaning where that says more; None for no field."""
    if field is None:
        return None
    if field.meaning and (field.value is None or field.parts):
        return field.meaning
    return field.value if field.value is not None else "changed"
