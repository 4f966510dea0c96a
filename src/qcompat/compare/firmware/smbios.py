"""SMBIOS structures as the build hands them to firmware: what differs, by field.

Each structure has a formatted part of a stated length and a set of strings ended by two
zeros (DMTF DSP0134, 6.1). Handles are left out: they number structures and shift when one is
added. Which structure has which fields is in `smbios_fields.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal
from uuid import UUID

import msgspec

from qcompat.compare.firmware.change import SmbiosChange, in_order
from qcompat.dataset import read_table

_HEAD = 4
FieldKind = int | Literal["text", "uuid", "handle"]
_SIZES = {"text": 1, "uuid": 16, "handle": 2}


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What structures of a type are called, and their fields: name, offset, kind."""

    name: str
    fields: tuple[tuple[str, int, FieldKind], ...]
    elsewhere: tuple[tuple[str, int, str], ...] = ()


class Structure(msgspec.Struct, frozen=True):
    """One SMBIOS structure: its type number, formatted bytes and strings."""

    type: int
    body: bytes
    strings: tuple[str, ...]


@cache
def layouts() -> Mapping[int, Layout]:
    """The structures by type."""
    return read_table("qcompat.compare.firmware", "smbios_fields.toml", dict[int, Layout])


def compare_structures(source: bytes, target: bytes) -> list[SmbiosChange]:
    """What differs between two `etc/smbios/smbios-tables` files."""
    ours, theirs = _numbered(source), _numbered(target)
    return in_order(
        change
        for place in ours.keys() | theirs.keys()
        for change in _changes(name_of(*place), ours.get(place), theirs.get(place))
    )


def name_of(kind: int, number: int = 0) -> str:
    """What a reader calls the structure of a type, counted from 0: `Processor #2`."""
    known = layouts().get(kind)
    count = f" #{number + 1}" if number else ""
    return f"{known.name if known else f'type {kind}'}{count}"


def split_structures(data: bytes) -> tuple[Structure, ...]:
    """The structures of a table, in order, up to the first torn one."""
    structures: list[Structure] = []
    offset = 0
    while offset + _HEAD <= len(data) and data[offset + 1] >= _HEAD:
        body = data[offset : offset + data[offset + 1]]
        end = data.find(b"\0\0", offset + len(body))
        if end < 0:
            end = len(data)
        text = data[offset + len(body) : end]
        strings = tuple(part.decode("latin-1") for part in text.split(b"\0") if part)
        structures.append(Structure(body[0], body, strings))
        offset = end + 2
    return tuple(structures)


def _numbered(data: bytes) -> dict[tuple[int, int], Structure]:
    counted: dict[int, int] = {}
    numbered: dict[tuple[int, int], Structure] = {}
    for structure in split_structures(data):
        number = counted.get(structure.type, 0)
        counted[structure.type] = number + 1
        numbered[(structure.type, number)] = structure
    return numbered


def _changes(name: str, one: Structure | None, other: Structure | None) -> Iterator[SmbiosChange]:
    structure = one or other
    assert structure is not None
    known = layouts().get(structure.type)
    kind = f"SMBIOS.{known.name if known else structure.type}"
    if one is None or other is None:
        before, after = ("present" if each else None for each in (one, other))
        yield SmbiosChange(kind="structure", where=name, source=before, target=after)
        return
    ours, theirs = _fields(one), _fields(other)
    for field in ours.keys() | theirs.keys():
        before, after = ours.get(field), theirs.get(field)
        if before != after:
            where = f"{name}, {field}"
            yield SmbiosChange(kind=f"{kind}.{field}", where=where, source=before, target=after)


def _fields(structure: Structure) -> dict[str, str]:
    """Its fields in words; those beyond its end are left out, as handles are."""
    known = layouts().get(structure.type)
    found: dict[str, str] = {}
    named = set()
    end = _HEAD
    for name, at, kind in known.fields if known else ():
        size = kind if isinstance(kind, int) else _SIZES[kind]
        raw = structure.body[at : at + size]
        end = max(end, at + size)
        if len(raw) < size or kind == "handle":
            continue
        if kind == "text":
            named.add(raw[0])
            found[name] = _string(structure, raw[0])
        else:
            found[name] = _value(raw, is_uuid=kind == "uuid")
    for name, value, wider in known.elsewhere if known else ():
        stated = found.pop(wider, "")
        if found.get(name) == hex(value) and stated:
            found[name] = stated
        elif stated and stated != found.get(name):
            found[wider] = stated
    others = [text for n, text in enumerate(structure.strings, 1) if n not in named]
    rest = {"strings": ", ".join(map(repr, others)), "rest": structure.body[end:].hex()}
    return found | {name: value for name, value in rest.items() if value}


def _string(structure: Structure, number: int) -> str:
    if not number:
        return "none"
    if number > len(structure.strings):
        return f"string {number}, which is not there"
    return repr(structure.strings[number - 1])


def _value(raw: bytes, *, is_uuid: bool) -> str:
    if is_uuid and len(raw) == 16:
        return str(UUID(bytes_le=raw))
    return hex(int.from_bytes(raw, "little"))
