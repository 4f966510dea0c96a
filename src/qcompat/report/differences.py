"""Differences between two streams as text or JSON: where, and both values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Any, TextIO

import msgspec

from qcompat.compare.difference import Difference
from qcompat.compare.layout import FieldDiffers, LayoutDiffers
from qcompat.compare.machine import ConfigurationDiffers
from qcompat.compare.memory import Block, BlockDiffers
from qcompat.compare.pci import ConfigDiffers
from qcompat.compare.sections import SectionOneSided, SectionUnreadable, SectionVersionDiffers
from qcompat.compare.subsections import Leaves, SubsectionOneSided, SubsectionVersionDiffers
from qcompat.compare.values import ValueDiffers
from qcompat.compare.virtio import (
    DeviceConfigDiffers,
    DeviceStateDiffers,
    NegotiatedDiffers,
    QueuesDiffer,
)
from qcompat.report.plain import printable
from qcompat.report.readings import Readings
from qcompat.report.values import shown
from qcompat.rules.loading.registers import differing
from qcompat.stream.decode.field import Field
from qcompat.stream.decode.virtio_features import named
from qcompat.stream.layout import Leaf, value
from qcompat.stream.model import Section

SCHEMA = "qcompat.stream-diff/1"

Ends = tuple[Readings, Readings]
"""What the fields of source and target are called."""

_MOST = 16
"""Places of one row of bytes that are told one by one."""

_MOST_VALUES = 1 << 16
"""Elements of an array that are compared as values; more are compared as bytes."""


class Line(msgspec.Struct, frozen=True):
    """One place: `where` is the section or block, `what` the part of it; None is "not there"."""

    where: str
    what: str
    source: Any
    target: Any


def write_text(found: Iterable[Difference[Any]], ends: Ends, out: TextIO, *, verbose: bool) -> None:
    """Sections as headings, a line for each place below."""
    last = None
    for line in _lines(found, ends):
        if line.where != last:
            out.write(printable(line.where) + "\n")
            last = line.where
        values = f"{_value(line.source, verbose)} → {_value(line.target, verbose)}"
        out.write(printable(f"  {line.what:40}  {values}").replace("\n", "\\n") + "\n")
    if last is None:
        out.write("no difference\n")


def write_json(found: Iterable[Difference[Any]], ends: Ends, out: TextIO) -> None:
    """Every place, with bytes as hex digits."""
    lines = [
        {
            "where": line.where,
            "what": line.what,
            "source": _plain(line.source),
            "target": _plain(line.target),
        }
        for line in _lines(found, ends)
    ]
    document = {"schema": SCHEMA, "differences": lines}
    out.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def _value(given: Any, verbose: bool) -> str:
    return "not there" if given is None else shown(given, verbose=verbose)


def _plain(given: Any) -> Any:
    return given.hex() if isinstance(given, bytes) else given


def _lines(found: Iterable[Difference[Any]], ends: Ends) -> Iterator[Line]:
    for difference in found:
        match difference:
            case FieldDiffers():
                yield from _field(difference, ends)
            case NegotiatedDiffers():
                yield from _features(difference, ends)
            case DeviceConfigDiffers():
                yield from _parts(difference, "device configuration", "configuration/", ends)
            case DeviceStateDiffers():
                yield from _parts(difference, "device state", "device state/", ends)
            case _:
                yield from _told(difference)


@singledispatch
def _told(difference: Difference[Any]) -> Iterator[Line]:
    """What a difference says; a kind without a form of its own is told as it is."""
    kind = type(difference).__name__
    yield Line("the stream", kind, str(difference.source), str(difference.target))


@_told.register
def _(difference: ConfigurationDiffers) -> Iterator[Line]:
    source, target = difference.source, difference.target
    if source is None or target is None:
        yield Line("configuration", "record", source and "sent", target and "sent")
        return
    for name in ("machine", "capabilities", "page_bits", "uuid", "others"):
        one, other = getattr(source, name), getattr(target, name)
        if one != other:
            yield Line("configuration", name.replace("_", " "), one, other)


@_told.register
def _(difference: BlockDiffers) -> Iterator[Line]:
    yield Line("ram", difference.name, _length(difference.source), _length(difference.target))


def _length(block: Block | None) -> str | None:
    return f"{block.length:,} bytes" if block else None


@_told.register
def _(difference: SectionOneSided) -> Iterator[Line]:
    source, target = _size(difference.source), _size(difference.target)
    yield Line(_section(difference), "section", source, target)


def _size(section: Section | None) -> str | None:
    return f"version {section.version_id}, {len(section.payload):,} bytes" if section else None


@_told.register
def _(difference: SectionVersionDiffers) -> Iterator[Line]:
    yield Line(_section(difference), "version", difference.source, difference.target)


@_told.register
def _(difference: SectionUnreadable) -> Iterator[Line]:
    where = _section(difference)
    yield Line(
        where, "cannot be taken apart", difference.source or "can", difference.target or "can"
    )


@_told.register
def _(difference: SubsectionOneSided) -> Iterator[Line]:
    source, target = _sizes(difference.source), _sizes(difference.target)
    yield Line(_section(difference), f"subsection {difference.path}", source, target)


def _sizes(leaves: Leaves) -> str | None:
    return f"{sum(len(leaf.data) for leaf in leaves):,} bytes" if leaves else None


@_told.register
def _(difference: SubsectionVersionDiffers) -> Iterator[Line]:
    what = f"version of subsection {difference.name}"
    yield Line(_section(difference), what, difference.source, difference.target)


@_told.register
def _(difference: LayoutDiffers) -> Iterator[Line]:
    at = difference.position
    one, other = difference.source.leaves[at : at + 1], difference.target.leaves[at : at + 1]
    what = f"layout from field {at + 1} on"
    yield Line(_section(difference), what, _form(one), _form(other))


def _form(leaves: Leaves) -> str | None:
    return f"{leaves[0].path} ({leaves[0].type}, {len(leaves[0].data)} bytes)" if leaves else None


def _field(difference: FieldDiffers, ends: Ends) -> Iterator[Line]:
    where, one, other = _section(difference), difference.source, difference.target
    if one.count > _MOST_VALUES:
        yield from _places(where, one.path, one.data, other.data)
        return
    ours, theirs = value(one), value(other)
    if isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs):
        for index, (before, after) in enumerate(zip(ours, theirs, strict=True)):
            if before != after:
                what = f"{one.path}[{index}]"
                yield _named(Line(where, what, before, after), difference, ends, index)
    elif isinstance(ours, bytes) and isinstance(theirs, bytes):
        yield from _places(where, one.path, one.data, other.data)
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


@_told.register
def _(difference: ConfigDiffers) -> Iterator[Line]:
    one, other = difference.source, difference.target
    where = difference.idstr
    if len(one) != len(other):
        yield Line(where, "PCI configuration space", f"{len(one)} bytes", f"{len(other)} bytes")
    everything = b"\xff" * min(len(one), len(other))
    for register in differing(one, other, everything):
        part = slice(register.offset, register.offset + register.size)
        before, after = (int.from_bytes(each[part], "little") for each in (one, other))
        width = 2 + 2 * register.size
        what = f"PCI {register.name} (offset {register.offset:#x})"
        yield Line(where, what, f"{before:#0{width}x}", f"{after:#0{width}x}")


@_told.register
def _(difference: QueuesDiffer) -> Iterator[Line]:
    one, other = difference.source, difference.target
    if len(one) != len(other):
        yield Line(difference.idstr, "queues", len(one), len(other))
    for index, (before, after) in enumerate(zip(one, other, strict=False)):
        if before.now != after.now:
            yield Line(difference.idstr, f"queue {index} size", before.now, after.now)
        if before.default != after.default:
            what = f"queue {index} size after a reset"
            yield Line(difference.idstr, what, before.default, after.default)


def _features(difference: NegotiatedDiffers, ends: Ends) -> Iterator[Line]:
    """Each feature that only one of the drivers has agreed on."""
    number = ends[0].device_number(difference.idstr)
    differing_bits = difference.source ^ difference.target
    for bit in range(differing_bits.bit_length()):
        if differing_bits >> bit & 1:
            (name,) = named(number, 1 << bit)
            one, other = (bool(each >> bit & 1) for each in (difference.source, difference.target))
            yield Line(difference.idstr, f"negotiated feature {name}", one, other)


def _parts(
    difference: DeviceConfigDiffers | DeviceStateDiffers, what: str, prefix: str, ends: Ends
) -> Iterator[Line]:
    """The named parts that differ; bytes where there are none, or not the same ones."""
    one, other = (end.parts(difference.idstr, prefix) for end in ends)
    if one.keys() != other.keys() or len(difference.source) != len(difference.target):
        yield from _places(difference.idstr, what, difference.source, difference.target)
        return
    for path, field in one.items():
        if field.value != other[path].value:
            yield Line(difference.idstr, path, _reading(field), _reading(other[path]))


@_told.register
def _(difference: ValueDiffers) -> Iterator[Line]:
    where = _section(difference)
    yield Line(where, difference.path, _reading(difference.source), _reading(difference.target))


def _reading(field: Field | None) -> Any:
    if field is None:
        return None
    if field.meaning and (field.value is None or field.parts):
        return field.meaning
    return field.value if field.value is not None else "changed"


def _section(difference: Any) -> str:
    return f"{difference.idstr}[{difference.instance_id}]"


def _places(where: str, what: str, one: bytes, other: bytes) -> Iterator[Line]:
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
