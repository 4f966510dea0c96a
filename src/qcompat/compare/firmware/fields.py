"""ACPI's fixed tables, taken apart into named fields and entries.

Which table has which is in `acpi_fields.toml`; of a table that it does not know, all bytes after
the header are one field, `rest`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec

from qcompat.compare.firmware.change import AcpiChange
from qcompat.dataset import read_table

HEADER = 36
Field = tuple[str, int, int]

_HEADER_FIELDS: tuple[Field, ...] = (
    ("revision", 8, 1),
    ("OEM id", 10, 6),
    ("OEM table id", 16, 8),
    ("OEM revision", 24, 4),
    ("creator id", 28, 4),
    ("creator revision", 32, 4),
)
_TEXTS = ("OEM id", "OEM table id", "creator id")


class EntryKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an entry of one type is called and made of."""

    name: str
    fields: tuple[Field, ...]


class Repeated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from"}):
    """Entries without a type, one after the other from a byte on."""

    start: int
    name: str
    fields: tuple[Field, ...]


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a table is made of; see the head of `acpi_fields.toml`."""

    fields: tuple[Field, ...] = ()
    follows: tuple[str, ...] = ()
    entries: int | None = None
    type_bytes: int = 1
    length_at: int = 1
    length_bytes: int = 1
    kinds: Mapping[str, EntryKind] = {}
    repeated: Repeated | None = None


@cache
def layouts() -> Mapping[str, Layout]:
    """The tables by signature."""
    return read_table("qcompat.compare.firmware", "acpi_fields.toml", dict[str, Layout])


def compare_headers(label: str, source: bytes, target: bytes) -> Iterator[AcpiChange]:
    """The differences in what heads every table. Checksum and length follow from the rest."""
    ours, theirs = (_fields(data, _HEADER_FIELDS) for data in (source, target))
    for name in ours:
        if ours[name] != theirs[name]:
            one, other = (_header_text(name, fields[name]) for fields in (ours, theirs))
            yield AcpiChange(kind=name, where=f"{label}, {name}", source=one, target=other)


def compare_fields(label: str, source: bytes, target: bytes) -> Iterator[AcpiChange]:
    """The differences of two tables of one signature, after the header, by field and entry."""
    signature = label.partition("#")[0]
    layout = layouts().get(signature, Layout())
    ours, theirs = _body(source, layout), _body(target, layout)
    for name in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(name), theirs.get(name)
        if one != other and name not in layout.follows:
            kind = f"{signature}.{name}"
            yield AcpiChange(kind=kind, where=f"{label}, {name}", source=one, target=other)
    yield from _entries_differ(label, layout, source, target)


def _entries_differ(
    label: str, layout: Layout, source: bytes, target: bytes
) -> Iterator[AcpiChange]:
    signature = label.partition("#")[0]
    ours, theirs = (Counter(_entries(data, layout)) for data in (source, target))
    for name, text in (ours - theirs) + (theirs - ours):
        is_ours = ours[name, text] > theirs[name, text]
        yield AcpiChange(
            kind=f"{signature}.{name}",
            where=f"{label}, {name}",
            source=text if is_ours else None,
            target=None if is_ours else text,
        )


def _body(data: bytes, layout: Layout) -> dict[str, str]:
    found = {name: value for name, value in _fields(data, layout.fields).items() if value}
    starts = [layout.entries] if layout.entries is not None else []
    starts += [layout.repeated.start] if layout.repeated else []
    if not starts:
        known = max((at + size for _, at, size in layout.fields), default=HEADER)
        if rest := data[known:].hex():
            found["rest"] = rest
    return found


def _entries(data: bytes, layout: Layout) -> Iterator[tuple[str, str]]:
    """The entries by name, in words; one that runs beyond the table is given as bytes."""
    if (repeated := layout.repeated) is not None:
        size = max(at + count for _, at, count in repeated.fields)
        for start in range(repeated.start, len(data), size):
            yield repeated.name, _words(data[start : start + size], repeated.fields)
    if layout.entries is None:
        return
    start = layout.entries
    while start < len(data):
        kind, size = _head(data, start, layout)
        entry = data[start : start + size]
        known = layout.kinds.get(str(kind))
        if size < layout.length_at + layout.length_bytes or len(entry) < size:
            yield "rest", data[start:].hex()
            return
        yield (known.name, _words(entry, known.fields)) if known else (f"entry {kind}", entry.hex())
        start += size


def _head(data: bytes, start: int, layout: Layout) -> tuple[int, int]:
    at = start + layout.length_at
    kind = int.from_bytes(data[start : start + layout.type_bytes], "little")
    return kind, int.from_bytes(data[at : at + layout.length_bytes], "little")


def _words(entry: bytes, fields: Sequence[Field]) -> str:
    return ", ".join(f"{name} {value}" for name, value in _fields(entry, fields).items())


def _fields(data: bytes, fields: Sequence[Field]) -> dict[str, str]:
    """The fields as numbers, longer ones than eight bytes as bytes; empty where the table ends."""
    return {name: _number(data[at : at + size], size) for name, at, size in fields}


def _number(raw: bytes, size: int) -> str:
    if len(raw) < size:
        return ""
    return hex(int.from_bytes(raw, "little")) if size <= 8 else raw.hex()


def _header_text(name: str, value: str) -> str:
    if name not in _TEXTS or not value:
        return value
    number = int(value, 16)
    raw = number.to_bytes((number.bit_length() + 7) // 8, "little")
    return repr(raw.decode("latin-1"))
