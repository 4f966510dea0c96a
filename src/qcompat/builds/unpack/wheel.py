"""Reading a Python wheel, which may bring a QEMU and its libraries along.

A wheel is a zip archive. `zipfile` reads its directory of members whole, so how large that says it
is is looked at first (APPNOTE.TXT 4.3.16: the record at the end, 22 bytes and a comment).
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from qcompat.builds.unpack.bounds import LARGEST, Readable, Slice
from qcompat.builds.unpack.member import Member
from qcompat.builds.unpack.package import Package
from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import open_foreign

MAGIC = b"PK\x03\x04"
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 0xFFFF
_MOST_DIRECTORY = 32 << 20
_LONGEST_LINK = 4096
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_wheel(path: Path) -> Package:
    """What a wheel's name says: `NAME-VERSION-…-PLATFORM.whl`. Errors: FileFormatError."""
    name, *rest = path.name.removesuffix(".whl").split("-")
    if not path.name.endswith(".whl") or len(rest) < 4:
        raise FileFormatError(
            f"{path.name} is a zip archive, and not named as a wheel is",
            "unpack it, and add the binary in it: qcompat builds add NAME PATH",
        )
    return Package(name, rest[0], rest[-1], frozenset((name,)), ())


def wheel_members(path: Path) -> Iterator[tuple[Member, Readable]]:
    """The files of a wheel. Errors: FileFormatError."""
    read_wheel(path)
    with open_foreign(path) as file:
        _check_directory(file, path)
        try:
            with zipfile.ZipFile(file) as archive:
                yield from _members(archive, path)
        except _BROKEN as error:
            raise _damaged(path, error) from error


def _members(archive: zipfile.ZipFile, path: Path) -> Iterator[tuple[Member, Readable]]:
    left = LARGEST
    for info in archive.infolist():
        left -= info.file_size
        if left < 0 or info.compress_type not in _METHODS or info.flag_bits & 1:
            raise FileFormatError(f"{path.name} holds what no wheel holds")
        with archive.open(info) as packed:
            content = _Content(packed, path)
            if info.is_dir():
                yield Member(info.filename, "directory"), content
            elif stat.S_ISLNK(info.external_attr >> 16):
                target = content.read(_LONGEST_LINK).decode(errors="surrogateescape")
                yield Member(info.filename, "link", target=target), content
            else:  # the mode of a program is often lost on the way
                yield (
                    Member(info.filename, "file", info.file_size, executable=True),
                    Slice(content, info.file_size, path.name),
                )


class _Content:
    """What a member holds; it is read by others, to whom `zipfile`'s errors say nothing."""

    def __init__(self, packed: Readable, path: Path) -> None:
        self._packed, self._path = packed, path

    def read(self, size: int, /) -> bytes:
        try:
            return self._packed.read(size)
        except _BROKEN as error:
            raise _damaged(self._path, error) from error


def _damaged(path: Path, error: Exception) -> FileFormatError:
    told = ascii(str(error)[:200]) if str(error) else "it is cut short"
    return FileFormatError(f"{path.name} is damaged: {told}", "download it again")


def _check_directory(file: BinaryIO, path: Path) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
    tail = file.read(_END_SIZE + _LONGEST_COMMENT)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise FileFormatError(f"{path.name} is cut short", "download it again")
    (directory,) = struct.unpack_from("<I", tail, at + 12)
    if directory > _MOST_DIRECTORY:
        raise FileFormatError(f"{path.name} holds too many files for a wheel")
    file.seek(0)
