"""ACPI tables as the build hands them to firmware: what differs, taken apart.

DSDT and SSDTs make one namespace and are compared as that (`aml`); the others by their fields
(`fields`). A table that cannot be taken apart is compared as bytes. Layout: ACPI 6.5, 5.2.6
(header: signature 4, length 4, revision, checksum, …).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from qcompat.compare.firmware.aml.definitions import definitions
from qcompat.compare.firmware.aml.differences import compare_namespaces
from qcompat.compare.firmware.aml.namespace import Node, nodes
from qcompat.compare.firmware.aml.reader import UnreadableError
from qcompat.compare.firmware.change import AcpiChange, in_order
from qcompat.compare.firmware.fields import HEADER, compare_fields, compare_headers

CHECKSUM = 9
_BLOCKS = ("DSDT", "SSDT", "PSDT")


class Table(msgspec.Struct, frozen=True):
    """One ACPI table; `label` is its signature, numbered where there are several (`SSDT#2`)."""

    label: str
    data: bytes

    @property
    def is_block(self) -> bool:
        """Whether it defines part of the namespace."""
        return self.label.startswith(_BLOCKS)


def compare_tables(source: bytes, target: bytes) -> list[AcpiChange]:
    """What differs between two `etc/acpi/tables` files; DSDT stands for all definition blocks."""
    ours, theirs = split_tables(source), split_tables(target)
    blocks = _blocks_differ(
        [table for table in ours if table.is_block], [table for table in theirs if table.is_block]
    )
    others = _others_differ(
        {table.label: table for table in ours if not table.is_block},
        {table.label: table for table in theirs if not table.is_block},
    )
    return in_order((*blocks, *others))


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


def _blocks_differ(ours: Sequence[Table], theirs: Sequence[Table]) -> Iterator[AcpiChange]:
    if [_essence(table) for table in ours] == [_essence(table) for table in theirs]:
        return
    one, other = (_main(tables) for tables in (ours, theirs))
    if one is None or other is None:
        yield from _on_one_end(one, other)
        return
    changes = [*compare_headers(one.label, one.data, other.data), *_namespaces(ours, theirs)]
    if not changes:
        source, target = _size(ours), _size(theirs)
        yield AcpiChange(kind="encoding", where=one.label, source=source, target=target)
    yield from changes


def _namespaces(ours: Sequence[Table], theirs: Sequence[Table]) -> Iterator[AcpiChange]:
    (source, why), (target, why_not) = _read(ours), _read(theirs)
    if why or why_not:
        yield AcpiChange(
            kind="unread",
            where="definitions that cannot be read",
            source=f"{_size(ours)} {why}".rstrip(),
            target=f"{_size(theirs)} {why_not}".rstrip(),
        )
    else:
        yield from compare_namespaces(source, target)


def _read(blocks: Sequence[Table]) -> tuple[tuple[Node, ...], str]:
    """The namespace, or why it cannot be read."""
    try:
        found = (each for block in blocks for each in definitions(block.data[HEADER:]))
        return nodes(found), ""
    except UnreadableError as error:
        return (), f"({error})"


def _size(blocks: Sequence[Table]) -> str:
    return f"{sum(len(table.data) for table in blocks)} bytes"


def _main(blocks: Sequence[Table]) -> Table | None:
    """The table by whose header all blocks are known."""
    return min(blocks, key=lambda table: table.label, default=None)


def _others_differ(ours: dict[str, Table], theirs: dict[str, Table]) -> Iterator[AcpiChange]:
    for label in ours.keys() | theirs.keys():
        one, other = ours.get(label), theirs.get(label)
        if one is None or other is None:
            yield from _on_one_end(one, other)
        elif _essence(one) != _essence(other):
            yield from _within(one, other)


def _on_one_end(one: Table | None, other: Table | None) -> Iterator[AcpiChange]:
    if table := one or other:
        source, target = (f"{len(each.data)} bytes" if each else None for each in (one, other))
        where = f"table {table.label}"
        yield AcpiChange(kind="table", where=where, source=source, target=target)


def _within(one: Table, other: Table) -> Iterator[AcpiChange]:
    if _has_no_header(one):
        source, target = one.data.hex(), other.data.hex()
        yield AcpiChange(kind="FACS.rest", where=one.label, source=source, target=target)
    else:
        yield from compare_headers(one.label, one.data, other.data)
        yield from compare_fields(one.label, one.data, other.data)


def _label(signature: str, number: int) -> str:
    return signature if number == 1 else f"{signature}#{number}"


def _is_table(data: bytes, offset: int, length: int) -> bool:
    """FACS has no checksum but begins with the same signature and length."""
    if not data[offset : offset + 4].isalnum() or not data[offset : offset + 4].isupper():
        return False
    return 8 < length <= len(data) - offset


def _has_no_header(table: Table) -> bool:
    return table.label.startswith("FACS")


def _essence(table: Table) -> bytes:
    if _has_no_header(table):
        return table.data
    return table.data[:CHECKSUM] + b"\0" + table.data[CHECKSUM + 1 :]
