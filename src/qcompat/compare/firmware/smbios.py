"""SMBIOS structures as the build hands them to firmware.

Each structure has a formatted part of a stated length and a set of strings ended by two
zeros (DMTF DSP0134, 6.1). Handles are left out of comparisons: they number structures and
shift when one is added.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.difference import Difference


class Structure(msgspec.Struct, frozen=True):
    """One SMBIOS structure: its type number, formatted bytes and strings."""

    type: int
    body: bytes
    strings: tuple[str, ...]


class StructureDiffers(Difference[Structure | None], frozen=True, kw_only=True):
    """An SMBIOS structure is on one end only or has other contents."""

    type: int
    number: int


def compare_structures(source: bytes, target: bytes) -> Iterator[StructureDiffers]:
    """Compare two `etc/smbios/smbios-tables` files."""
    ours, theirs = _numbered(source), _numbered(target)
    for kind, number in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get((kind, number)), theirs.get((kind, number))
        if one is None or other is None or _essence(one) != _essence(other):
            yield StructureDiffers(type=kind, number=number, source=one, target=other)


def split_structures(data: bytes) -> tuple[Structure, ...]:
    """The structures of a table, in order, up to the first torn one."""
    structures: list[Structure] = []
    offset = 0
    while offset + 4 <= len(data) and data[offset + 1] >= 4:
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
    numbered: dict[tuple[int, int], Structure] = {}
    for structure in split_structures(data):
        number = sum(1 for kind, _ in numbered if kind == structure.type)
        numbered[(structure.type, number)] = structure
    return numbered


def _essence(structure: Structure) -> tuple[bytes, tuple[str, ...]]:
    return structure.body[:2] + structure.body[4:], structure.strings
