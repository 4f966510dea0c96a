"""What the plain fields of known sections mean: registers, flags, times.

The names are data, one table a section in sections/: `apic.toml` for sections described by
`apic`. A description's name that several architectures share has several tables, `cpu.x86.toml`,
and the field `marker` decides which one it is. Fields are found by their path without subsections
and, where that fails, without indices: `env.segs[].selector`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import msgspec

from qcompat.stream.decode.formatting import bit_fields, hexadecimal, text, time
from qcompat.stream.decode.tables import read_table, tables_in
from qcompat.stream.layout import Leaf, Scalar
from qcompat.stream.model import Section

_SUBSECTION = re.compile(r"<[^<>]*>\.")
_WORD = (1 << 64) - 1
_INDEX = re.compile(r"\[(\d{1,9})\]")


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field's name, and how to show its value.

    `{0}` in `name` is the first index of the path, or what `of` calls it. `bits` and `values`
    name tables of flags and of whole values, `numbers` are what lies between the flags:
    (lowest bit, width, name, what to add). `unit` is what else the value is. Elements of an array
    are `elements` in order, or `each` with the number in it, unless `special` names one.
    """

    name: str = ""
    of: tuple[str, ...] = ()
    bits: str = ""
    values: str = ""
    numbers: tuple[tuple[int, int, str, int], ...] = ()
    unit: Literal["", "time", "hex", "text", "unused"] = ""
    elements: tuple[str, ...] = ()
    each: str = ""
    special: dict[int, str] = {}


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table: its rows, and the flags and values that they refer to."""

    marker: str = ""
    fields: dict[str, str | Row] = {}
    bits: dict[str, dict[int, str]] = {}
    values: dict[str, dict[int, str]] = {}

    def row(self, path: str) -> tuple[Row, tuple[int, ...]] | None:
        """The row for a field and the indices in its path."""
        plain = _SUBSECTION.sub("", path)
        found = self.fields.get(plain)
        indices = tuple(int(index) for index in _INDEX.findall(plain))
        if found is None and indices:
            found = self.fields.get(_INDEX.sub("[]", plain))
        if found is None:
            return None
        return (Row(name=found) if isinstance(found, str) else found), indices

    def meaning(self, row: Row, value: Scalar) -> str:
        """A value as text, without the field's name."""
        if isinstance(value, bytes):
            return text(value) if row.unit == "text" else ""
        if not isinstance(value, int):
            return ""
        if row.bits:
            return bit_fields(value & _WORD, row.numbers, self.bits[row.bits]) or "none"
        if row.values:
            return self.values[row.values].get(value, "")
        if row.unit:
            return time(value) if row.unit == "time" else hexadecimal(value)
        return ""


def names_of(section: Section, found: tuple[Leaf, ...]) -> Names | None:
    """The table for a section, if there is one."""
    if section.description is None:
        return None
    for name in _candidates().get(section.description.vmsd_name, ()):
        names = _table(name)
        if not names.marker or any(leaf.path == names.marker for leaf in found):
            return names
    return None


def title(row: Row, indices: tuple[int, ...]) -> str:
    """The name of a field, with its indices in place."""
    if not indices or "{" not in row.name:
        return row.name
    named: list[int | str] = list(indices)
    if row.of and indices[0] < len(row.of):
        named[0] = row.of[indices[0]]
    return row.name.format(*named)


def element(row: Row, index: int) -> str:
    """The name of an element of an array, or nothing."""
    if index in row.special:
        return row.special[index]
    if index < len(row.elements):
        return row.elements[index]
    return row.each.format(index) if row.each else ""


@cache
def _candidates() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(tables_in("sections")):
        described = name.partition(".")[0]
        found[described] = (*found.get(described, ()), name)
    return found


@cache
def _table(name: str) -> Names:
    return read_table(f"sections/{name}.toml", Names)
