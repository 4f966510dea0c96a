"""Registers that a processor's state sends as a list: numbers, and a value for each.

QEMU's Arm CPUs do (`cpreg_vmstate_indexes` and `_values`, target/arm/machine.c). The numbers are on
the wire, so the list of each end is known from what it sends.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

import msgspec

from qcompat.compare.difference import Difference
from qcompat.compare.stream.sections import SectionPair
from qcompat.errors import StreamError
from qcompat.stream.layout import leaves
from qcompat.stream.model import Section

_INDEXES, _VALUES = "cpreg_vmstate_indexes", "cpreg_vmstate_values"


class Registers(msgspec.Struct, frozen=True):
    """The values of one processor's registers by their numbers, in the order of the stream."""

    values: Mapping[int, int]


class RegistersDiffer(Difference[Registers], frozen=True, kw_only=True):
    """A processor's list has other registers or other values on the ends."""

    idstr: str
    instance_id: int


def compare_registers(pair: SectionPair) -> Iterator[RegistersDiffer]:
    ours, theirs = registers_in(pair.source), registers_in(pair.target)
    if ours and theirs and ours != theirs:
        idstr, instance = pair.key
        yield RegistersDiffer(idstr=idstr, instance_id=instance, source=ours, target=theirs)


def registers_in(section: Section) -> Registers | None:
    """The list in a section; None where it sends none, or cannot be taken apart."""
    described = section.description.fields if section.description else ()
    if all(field.name != _INDEXES for field in described):
        return None
    try:
        data = {leaf.path: leaf.data for leaf in leaves(section)}
    except StreamError:
        return None
    indexes, values = data.get(_INDEXES, b""), data.get(_VALUES, b"")
    if len(indexes) != len(values) or len(indexes) % 8:
        return None
    form = f">{len(indexes) // 8}Q"
    return Registers(
        dict(zip(struct.unpack(form, indexes), struct.unpack(form, values), strict=True))
    )
