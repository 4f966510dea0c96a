"""Lines for a field that differs, with what the architecture calls it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from qcompat.compare.layout import FieldDiffers
from qcompat.report.stream.line import Ends, Line, places
from qcompat.stream.layout import Leaf, value

_MOST_VALUES = 1 << 16
"""Elements of an array that are compared as values; more are compared as bytes."""


def field_lines(difference: FieldDiffers, ends: Ends) -> Iterator[Line]:
    where = f"{difference.idstr}[{difference.instance_id}]"
    one, other = difference.source, difference.target
    if one.count > _MOST_VALUES:
        yield from places(where, one.path, one.data, other.data)
        return
    ours, theirs = value(one), value(other)
    if isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs):
        for index, (before, after) in enumerate(zip(ours, theirs, strict=True)):
            if before != after:
                what = f"{one.path}[{index}]"
                yield _named(Line(where, what, before, after), difference, ends, index)
    elif isinstance(ours, bytes) and isinstance(theirs, bytes):
        yield from places(where, one.path, one.data, other.data)
    else:
        line = Line(where, one.path, *_readings(one, other))
        yield _named(line, difference, ends, None)


def _named(line: Line, difference: FieldDiffers, ends: Ends, index: int | None) -> Line:
    """The line with what the architecture calls the field: `env.regs[0] RAX`."""
    field = ends[0].of(difference.idstr, difference.instance_id, difference.source, index)
    if field is None:
        return line
    name = field.path if index is not None else field.meaning.partition(": ")[0]
    is_name = index is not None or ": " in field.meaning
    return msgspec.structs.replace(line, what=f"{line.what} {name}") if is_name else line


def _readings(one: Leaf, other: Leaf) -> tuple[Any, Any]:
    """Both values, or the bytes where two encodings give equal values."""
    ours, theirs = value(one), value(other)
    return (ours, theirs) if ours != theirs else (one.data, other.data)
