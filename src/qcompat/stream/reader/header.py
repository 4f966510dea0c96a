"""The records with which a stream begins: its header and the configuration.

The header is magic number and version of the format. The configuration is
vmstate_configuration in migration/savevm.c; its subsection uuid came with 4.2, capabilities with
4.0. The stream describes this record itself only since 8.2, so the known subsections are read by
name, and a description serves for later ones.
"""

from __future__ import annotations

import uuid

from qcompat.errors import StreamError
from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.layout import skip_fields
from qcompat.stream.model import Configuration, SectionDescription
from qcompat.stream.record import Record

MAGIC = 0x5145564D
VERSION = 3

_MULTIFD_MAGIC = 0x11223344  # migration/multifd.h
_PREFIX = b"configuration/"
_SUBSECTION_VERSION = 1
_LONGEST_NAME = 4096
_MOST_CAPABILITIES = 256  # QEMU 10.2 has 25


def read_header(cursor: Cursor) -> e.Header:
    """Read the header at `cursor`. Raises StreamError for what is not a stream."""
    start = cursor.offset
    if cursor.peek(4) != MAGIC.to_bytes(4, "big"):
        raise _foreign(cursor)
    cursor.skip(4)
    version = cursor.u32("the version of the format")
    if version != VERSION:
        raise cursor.error(
            f"version {version} of the stream format is unknown, expected {VERSION}",
            offset=start + 4,
        )
    return e.Header(start, version)


def _foreign(cursor: Cursor) -> StreamError:
    """The error for what is not a stream, with what it is where that is known."""
    found = cursor.peek(4)
    if found == _MULTIFD_MAGIC.to_bytes(4, "big"):
        return cursor.error(
            "this is a channel of multifd: it holds pages, and no records",
            hint="use what went through the first connection of the migration",
        )
    return cursor.error(
        f"this is not a migration stream: it begins with {found!r}, not b'QEVM'",
        hint="name the file that QEMU migrated a guest into, or a guest saved by libvirt",
    )


def read_configuration(cursor: Cursor, description: SectionDescription | None) -> Configuration:
    """Read the record at `cursor`, which is behind its type byte. Raises StreamError."""
    length = cursor.u32("the length of the machine type")
    if length > _LONGEST_NAME:
        raise cursor.error(f"a machine type with a name of {length} bytes does not exist")
    raw = cursor.take(length, "the machine type")
    if not raw.isascii():
        raise cursor.error(f"the machine type is {raw[:40]!r}, which is not a name")
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
    if version != _SUBSECTION_VERSION:
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
    raise cursor.undescribed("an unknown part of the configuration, of unknown length")


def _capabilities(cursor: Cursor) -> tuple[str, ...]:
    count = cursor.u32("the number of capabilities")
    if count > _MOST_CAPABILITIES:
        raise cursor.error(f"{count} capabilities are more than QEMU has")
    return tuple(cursor.name("a capability") for _ in range(count))
