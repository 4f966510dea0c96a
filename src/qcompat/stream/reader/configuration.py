"""The configuration record: machine type, page bits, migration capabilities, uuid.

The format is vmstate_configuration in migration/savevm.c; the subsection uuid came with 4.2,
capabilities with 4.0. The stream describes this record itself only since 8.2, so the known
subsections are read by name and a description serves for later ones.
"""

from __future__ import annotations

import uuid

from qcompat.stream.cursor import Cursor
from qcompat.stream.layout import skip_fields
from qcompat.stream.model import Configuration, SectionDescription
from qcompat.stream.record import Record

_PREFIX = b"configuration/"
_VERSION = 1
_LONGEST_NAME = 4096
_MOST_CAPABILITIES = 256  # QEMU 10.2 has 25


def read_configuration(cursor: Cursor, description: SectionDescription | None) -> Configuration:
    """Read the record under `cursor`, which stands behind its type byte. Raises StreamError."""
    length = cursor.u32("the length of the machine type")
    if length > _LONGEST_NAME:
        raise cursor.error(f"a machine type with a name of {length} bytes does not exist")
    raw = cursor.take(length, "the machine type")
    if not raw.isascii():
        raise cursor.error(f"the machine type is {raw[:40]!r}, which is no name")
    known: dict[str, object] = {}
    others: list[tuple[str, int, bytes]] = []
    while _at_subsection(cursor):
        cursor.skip(1)
        name = cursor.name("the name of a subsection")
        with cursor.within(name):
            version = cursor.u32("a version")
            if found := _known(cursor, name, version):
                known |= found
            else:
                others.append((name, version, _described(cursor, name, description)))
    return Configuration(raw.decode("ascii"), others=tuple(others), **known)  # type: ignore[arg-type]


def _at_subsection(cursor: Cursor) -> bool:
    ahead = cursor.peek(2 + len(_PREFIX))
    return ahead[:1] == Record.SUBSECTION.mark and ahead[2:] == _PREFIX


def _known(cursor: Cursor, name: str, version: int) -> dict[str, object]:
    if version != _VERSION:
        return {}
    match name.removeprefix("configuration/"):
        case "target-page-bits":
            return {"page_bits": cursor.u32()}
        case "capabilities":
            return {"capabilities": _capabilities(cursor)}
        case "uuid":
            return {"uuid": str(uuid.UUID(bytes=cursor.take(16, "the uuid")))}
    return {}


def _described(cursor: Cursor, name: str, description: SectionDescription | None) -> bytes:
    for subsection in description.subsections if description else ():
        if subsection.vmsd_name == name:
            start = cursor.offset
            skip_fields(cursor, subsection)
            return cursor.buffer[start : cursor.offset]
    raise cursor.undescribed(
        "an unknown part of the configuration, and nothing says how long it is"
    )


def _capabilities(cursor: Cursor) -> tuple[str, ...]:
    count = cursor.u32("the number of capabilities")
    if count > _MOST_CAPABILITIES:
        raise cursor.error(f"{count} capabilities are more than QEMU has")
    return tuple(cursor.name("a capability") for _ in range(count))
