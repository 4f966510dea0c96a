"""The first bytes of a stream: its magic number and the version of the format."""

from __future__ import annotations

from qcompat.errors import StreamError
from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor

MAGIC = 0x5145564D
VERSION = 3

_MULTIFD_MAGIC = 0x11223344  # migration/multifd.h


def read_header(cursor: Cursor) -> e.Header:
    """Read the header under `cursor`. Raises StreamError for what is no stream."""
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
    """The error for what is no stream, with what it is where that can be told."""
    found = cursor.peek(4)
    if found == _MULTIFD_MAGIC.to_bytes(4, "big"):
        return cursor.error(
            "this is a channel of multifd: it holds pages, and no records",
            hint="look at what went through the first connection of the migration",
        )
    return cursor.error(
        f"this is no migration stream: it begins with {found!r}, not b'QEVM'",
        hint="name the file that QEMU migrated a guest into, or a guest saved by libvirt",
    )
