"""Lines that show a difference: a place and both values, with what the field is called there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from qcompat.compare.stream.layout import FieldDiffers
from qcompat.compare.virtio import DeviceConfigDiffers, DeviceStateDiffers, NegotiatedDiffers
from qcompat.report.stream.readings import Readings
from qcompat.stream.decode.field import Field
from qcompat.stream.decode.virtio.features import named
from qcompat.stream.layout import Leaf, value

Ends = tuple[Readings, Readings]
"""What the fields of source and target are called."""

_MOST = 16
"""Places of one row of bytes that are shown one by one."""
_MOST_VALUES = 1 << 16
"""Elements of an array that are compared as values; more are compared as bytes."""


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


def feature_lines(difference: NegotiatedDiffers, ends: Ends) -> Iterator[Line]:
    """Each feature that only one of the drivers has agreed on."""
    number = ends[0].device_number(difference.idstr)
    differing_bits = difference.source ^ difference.target
    for bit in range(differing_bits.bit_length()):
        if differing_bits >> bit & 1:
            (name,) = named(number, 1 << bit)
            one, other = (bool(each >> bit & 1) for each in (difference.source, difference.target))
            yield Line(difference.idstr, f"negotiated feature {name}", one, other)


def config_lines(difference: DeviceConfigDiffers, ends: Ends) -> Iterator[Line]:
    """What differs in a device's own configuration space."""
    data = (difference.source, difference.target)
    return _parts(difference.idstr, data, "device configuration", "configuration/", ends)


def state_lines(difference: DeviceStateDiffers, ends: Ends) -> Iterator[Line]:
    """What differs in the state that a device saved for itself."""
    data = (difference.source.data, difference.target.data)
    return _parts(difference.idstr, data, "device state", "device state/", ends)


def _parts(
    idstr: str, data: tuple[bytes, bytes], what: str, prefix: str, ends: Ends
) -> Iterator[Line]:
    """The named parts that differ; bytes where there are none, or not the same ones."""
    one, other = (end.parts(idstr, prefix) for end in ends)
    if one.keys() != other.keys() or len(data[0]) != len(data[1]):
        yield from places(idstr, what, *data)
        return
    for path, field in one.items():
        if field.value != other[path].value:
            yield Line(idstr, path, reading(field), reading(other[path]))
