"""The differences between two streams as lines: where, and both values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Any

from qcompat.compare.difference import Difference
from qcompat.compare.guest import ConfigurationDiffers
from qcompat.compare.memory import Block, BlockDiffers
from qcompat.compare.pci import ConfigDiffers
from qcompat.compare.stream.layout import FieldDiffers, LayoutDiffers
from qcompat.compare.stream.sections import (
    Leaves,
    SectionOneSided,
    SectionUnreadable,
    SectionVersionDiffers,
    SubsectionOneSided,
    SubsectionVersionDiffers,
)
from qcompat.compare.stream.virtio_values import ValueDiffers
from qcompat.compare.virtio import (
    DeviceConfigDiffers,
    DeviceStateDiffers,
    NegotiatedDiffers,
    QueuesDiffer,
)
from qcompat.report.stream.lines import (
    Ends,
    Line,
    config_lines,
    feature_lines,
    field_lines,
    reading,
    state_lines,
)
from qcompat.rules.pci.registers import differing
from qcompat.stream.model import Section


def lines_of(found: Iterable[Difference[Any]], ends: Ends) -> Iterator[Line]:
    """A line for each place that differs, section by section."""
    for difference in found:
        match difference:
            case FieldDiffers():
                yield from field_lines(difference, ends)
            case NegotiatedDiffers():
                yield from feature_lines(difference, ends)
            case DeviceConfigDiffers():
                yield from config_lines(difference, ends)
            case DeviceStateDiffers():
                yield from state_lines(difference, ends)
            case _:
                yield from _lines(difference)


@singledispatch
def _lines(difference: Difference[Any]) -> Iterator[Line]:
    """The lines of a difference; a kind without lines of its own is shown as it is."""
    kind = type(difference).__name__
    yield Line("the stream", kind, str(difference.source), str(difference.target))


@_lines.register
def _(difference: ConfigurationDiffers) -> Iterator[Line]:
    source, target = difference.source, difference.target
    if source is None or target is None:
        yield Line("configuration", "record", source and "sent", target and "sent")
        return
    for name in ("machine", "capabilities", "page_bits", "uuid", "others"):
        one, other = getattr(source, name), getattr(target, name)
        if one != other:
            yield Line("configuration", name.replace("_", " "), one, other)


@_lines.register
def _(difference: BlockDiffers) -> Iterator[Line]:
    yield Line("ram", difference.name, _length(difference.source), _length(difference.target))


def _length(block: Block | None) -> str | None:
    return f"{block.length:,} bytes" if block else None


@_lines.register
def _(difference: SectionOneSided) -> Iterator[Line]:
    source, target = _size(difference.source), _size(difference.target)
    yield Line(_section(difference), "section", source, target)


def _size(section: Section | None) -> str | None:
    return f"version {section.version_id}, {len(section.payload):,} bytes" if section else None


@_lines.register
def _(difference: SectionVersionDiffers) -> Iterator[Line]:
    yield Line(_section(difference), "version", difference.source, difference.target)


@_lines.register
def _(difference: SectionUnreadable) -> Iterator[Line]:
    where = _section(difference)
    yield Line(where, "cannot be decoded", difference.source or "can", difference.target or "can")


@_lines.register
def _(difference: SubsectionOneSided) -> Iterator[Line]:
    source, target = _sizes(difference.source), _sizes(difference.target)
    yield Line(_section(difference), f"subsection {difference.path}", source, target)


def _sizes(leaves: Leaves) -> str | None:
    return f"{sum(len(leaf.data) for leaf in leaves):,} bytes" if leaves else None


@_lines.register
def _(difference: SubsectionVersionDiffers) -> Iterator[Line]:
    what = f"version of subsection {difference.name}"
    yield Line(_section(difference), what, difference.source, difference.target)


@_lines.register
def _(difference: LayoutDiffers) -> Iterator[Line]:
    at = difference.position
    one, other = difference.source.leaves[at : at + 1], difference.target.leaves[at : at + 1]
    what = f"layout from field {at + 1} on"
    yield Line(_section(difference), what, _form(one), _form(other))


def _form(leaves: Leaves) -> str | None:
    return f"{leaves[0].path} ({leaves[0].type}, {len(leaves[0].data)} bytes)" if leaves else None


@_lines.register
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


@_lines.register
def _(difference: ValueDiffers) -> Iterator[Line]:
    where = _section(difference)
    yield Line(where, difference.path, reading(difference.source), reading(difference.target))


def _section(difference: Any) -> str:
    return f"{difference.idstr}[{difference.instance_id}]"


@_lines.register
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
