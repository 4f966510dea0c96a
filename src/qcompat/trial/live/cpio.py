"""Writing a cpio archive of the kind that Linux unpacks at boot ("newc").

Layout: Documentation/driver-api/early-userspace/buffer-format.rst of Linux. The same entries give
the same bytes: no time, owner or inode of this machine gets in.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

_MAGIC = b"070701"
_ALIGNMENT = 4
_END = "TRAILER!!!"
_DIRECTORY = 0o040000
_FILE = 0o100000


class Entry(msgspec.Struct, frozen=True):
    """A file or directory; `path` without a leading slash, `mode` with its type."""

    path: str
    mode: int
    data: bytes = b""


def directory(path: str) -> Entry:
    return Entry(path, _DIRECTORY | 0o755)


def file(path: str, data: bytes) -> Entry:
    """A file; all are executable, since only root is there."""
    return Entry(path, _FILE | 0o755, data)


def write_cpio(entries: Iterable[Entry]) -> bytes:
    """The archive; a directory has to come before what lies in it."""
    archive = bytearray()
    for inode, entry in enumerate((*entries, Entry(_END, 0)), start=1):
        archive += _header(entry, inode)
        archive += _padded(entry.data)
    return bytes(archive)


def _header(entry: Entry, inode: int) -> bytes:
    """Thirteen numbers of eight hexadecimal digits after the magic, then the name."""
    name = entry.path.encode() + b"\0"
    links = 2 if entry.mode & _DIRECTORY else 1
    numbers = (inode, entry.mode, 0, 0, links, 0, len(entry.data), 0, 0, 0, 0, len(name), 0)
    return _padded(_MAGIC + b"".join(b"%08X" % number for number in numbers) + name)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNMENT)
