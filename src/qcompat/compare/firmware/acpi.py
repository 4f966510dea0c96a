"""ACPI tables as the build hands them to firmware, told apart by signature.

Table contents are compared without the header's checksum, which follows from the rest. What
an AML byte means is not looked into: a difference is reported by table, length and first
offset. Layout: ACPI 6.5, 5.2.6 (header: signature 4, length 4, revision, checksum, …).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.difference import Difference

HEADER = 36
CHECKSUM = 9


class Table(msgspec.Struct, frozen=True):
    """One ACPI table; `label` is its signature, numbered where there are several (`SSDT#2`)."""

    label: str
    data: bytes


class TableDiffers(Difference[Table | None], frozen=True, kw_only=True):
    """An ACPI table is on one end only or has other contents from byte `offset` on."""

    label: str
    offset: int


def compare_tables(source: bytes, target: bytes) -> Iterator[TableDiffers]:
    """Compare two `etc/acpi/tables` files."""
    ours, theirs = _by_label(source), _by_label(target)
    for label in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(label), theirs.get(label)
        if one is None or other is None:
            yield TableDiffers(label=label, source=one, target=other, offset=0)
        elif _essence(one) != _essence(other):
            offset = first_difference(_essence(one), _essence(other))
            yield TableDiffers(label=label, source=one, target=other, offset=offset)


def split_tables(data: bytes) -> tuple[Table, ...]:
    """The tables of a blob, in order; padding between them is skipped, a torn end is kept out."""
    tables: list[Table] = []
    seen: dict[str, int] = {}
    offset = 0
    while offset + HEADER <= len(data):
        length = int.from_bytes(data[offset + 4 : offset + 8], "little")
        if not _is_table(data, offset, length):
            offset += 1
            continue
        signature = data[offset : offset + 4].decode("ascii")
        seen[signature] = seen.get(signature, 0) + 1
        tables.append(Table(_label(signature, seen[signature]), data[offset : offset + length]))
        offset += length
    return tuple(tables)


def first_difference(one: bytes, other: bytes) -> int:
    """The first offset at which two byte strings differ; the length of one that is a prefix."""
    shared = min(len(one), len(other))
    return next((i for i in range(shared) if one[i] != other[i]), shared)


def _by_label(data: bytes) -> dict[str, Table]:
    return {table.label: table for table in split_tables(data)}


def _label(signature: str, number: int) -> str:
    return signature if number == 1 else f"{signature}#{number}"


def _is_table(data: bytes, offset: int, length: int) -> bool:
    """FACS has no checksum but begins with the same signature and length."""
    if not data[offset : offset + 4].isalnum() or not data[offset : offset + 4].isupper():
        return False
    return 8 < length <= len(data) - offset


def _essence(table: Table) -> bytes:
    if table.label.startswith("FACS"):
        return table.data
    return table.data[:CHECKSUM] + b"\0" + table.data[CHECKSUM + 1 :]
