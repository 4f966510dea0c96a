"""Reading an rpm package: what it is called, provides and requires, and its files.

The format (RPM's docs/manual/format_v4): a lead of 96 bytes; a header of signatures, padded to
eight bytes; the header proper; the payload, which is a compressed cpio archive. A header is its
magic, the number of its entries and the size of its data, the entries (tag, type, offset, count,
each four bytes), the data.

Its digests are checked, its signatures are not: who hands over a file vouches for it. Scripts are
entries of the header, which nobody reads. (`rpmfile` of PyPI reads headers and payloads into memory
however large they say they are, and checks no digest.)
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from qcompat.builds.unpack.bounds import PIECE, Hashed, Plain, Readable
from qcompat.builds.unpack.cpio import cpio_members
from qcompat.builds.unpack.member import Member
from qcompat.builds.unpack.package import Package
from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import open_foreign

MAGIC = b"\xed\xab\xee\xdb"
_LEAD = 96
_HEADER_MAGIC = b"\x8e\xad\xe8\x01"
_MOST_ENTRIES, _MOST_DATA = 1 << 16, 64 << 20
_STRINGS = (6, 8, 9)
_HEADER_SHA256 = 273  # of the header of signatures
_NAME, _VERSION, _RELEASE, _ARCH = 1000, 1001, 1002, 1022
_PROVIDES, _REQUIRES = 1047, 1049
_PAYLOAD_FORMAT, _PAYLOAD_SHA256 = 1124, 5092
_READ = {
    *(_HEADER_SHA256, _NAME, _VERSION, _RELEASE, _ARCH, _PROVIDES, _REQUIRES),
    *(_PAYLOAD_FORMAT, _PAYLOAD_SHA256),
}


def read_rpm(path: Path) -> Package:
    """What an rpm says of itself. Errors: FileFormatError."""
    with open_foreign(path) as file:
        texts = _headers(file, path)
    name = _first(texts, _NAME)
    version = f"{_first(texts, _VERSION)}-{_first(texts, _RELEASE)}"
    return Package(
        name,
        version,
        _first(texts, _ARCH),
        provides=frozenset((name, *texts.get(_PROVIDES, ()))),
        requires=tuple(texts.get(_REQUIRES, ())),
    )


def rpm_members(path: Path) -> Iterator[tuple[Member, Readable]]:
    """The files of an rpm. Errors: FileFormatError, also where a digest does not match."""
    with open_foreign(path) as file:
        texts = _headers(file, path)
        form = _first(texts, _PAYLOAD_FORMAT) or "cpio"
        if form != "cpio":
            raise FileFormatError(f"{path.name} holds no cpio archive but {form[:40]!r}")
        packed = Hashed(file)
        plain = Plain(packed, path.name)
        yield from cpio_members(plain, path.name)
        while plain.read(PIECE):
            pass
        wanted = _first(texts, _PAYLOAD_SHA256)
        if packed.finish() != (wanted or packed.finish()):
            raise FileFormatError(
                f"{path.name} is damaged: its payload is not the one that its header names",
                "download it again",
            )


def _headers(file: BinaryIO, path: Path) -> dict[int, tuple[str, ...]]:
    """The texts of the header proper, by tag; the file is read up to the payload then."""
    if not _exactly(file, _LEAD, path).startswith(MAGIC):
        raise FileFormatError(f"{path.name} is no rpm package")
    signatures, read = _header(file, path)
    _exactly(file, -len(read) % 8, path)
    texts, read = _header(file, path)
    wanted = _first(signatures, _HEADER_SHA256)
    if wanted and hashlib.sha256(read).hexdigest() != wanted:
        raise FileFormatError(f"{path.name} is damaged: its header", "download it again")
    return texts


def _header(file: BinaryIO, path: Path) -> tuple[dict[int, tuple[str, ...]], bytes]:
    start = _exactly(file, 16, path)
    count, size = struct.unpack(">II", start[8:])
    if not start.startswith(_HEADER_MAGIC) or count > _MOST_ENTRIES or size > _MOST_DATA:
        raise FileFormatError(f"{path.name} is damaged: a header in it is none")
    index, data = _exactly(file, 16 * count, path), _exactly(file, size, path)
    texts: dict[int, tuple[str, ...]] = {}
    for tag, kind, offset, number in struct.iter_unpack(">IIII", index):
        if tag in _READ and kind in _STRINGS and tag not in texts:
            texts[tag] = _texts(data, offset, min(number, _MOST_ENTRIES))
    return texts, start + index + data


def _texts(data: bytes, offset: int, count: int) -> tuple[str, ...]:
    found = data[offset:].split(b"\0", count)[:count]
    return tuple(each.decode(errors="replace") for each in found)


def _first(texts: dict[int, tuple[str, ...]], tag: int) -> str:
    return next(iter(texts.get(tag, ())), "")


def _exactly(file: BinaryIO, size: int, path: Path) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise FileFormatError(f"{path.name} is cut short", "download it again")
    return found
