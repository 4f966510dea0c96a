"""The members of a cpio archive in its "new ASCII" format, which is the payload of an rpm.

A header is 110 characters: a magic number, then thirteen fields of eight hexadecimal digits; name
and content follow, each padded to a multiple of four bytes (cpio(5)).
"""

from __future__ import annotations

import stat
from collections.abc import Iterator

from qcompat.builds.unpack.bounds import Readable, Slice
from qcompat.builds.unpack.member import Kind, Member
from qcompat.errors import FileFormatError

_MAGIC = (b"070701", b"070702")
_WITHOUT_NAMES = b"07070X"
_HEADER, _FIELDS = 110, 13
_INODE, _MODE, _LINKS, _SIZE, _MAJOR, _MINOR, _NAME_SIZE = 0, 1, 4, 6, 7, 8, 11
_LONGEST_NAME = 8192
_END = "TRAILER!!!"
_KINDS: dict[int, Kind] = {
    stat.S_IFDIR: "directory",
    stat.S_IFREG: "file",
    stat.S_IFLNK: "link",
}


def cpio_members(file: Readable, what: str) -> Iterator[tuple[Member, Readable]]:
    """Each member, and where its content can be read until the next one is asked for.

    Of the names of one file only the last has its content, so the others come after it.
    Errors: FileFormatError, naming `what`.
    """
    waiting: dict[tuple[int, ...], list[str]] = {}
    while True:
        fields, name = _header(file, what)
        if name == _END:
            break
        member, size = _member(fields, name), fields[_SIZE]
        content = Slice(file, size, what)
        of_file = (fields[_MAJOR], fields[_MINOR], fields[_INODE])
        if member.kind == "file" and fields[_LINKS] > 1 and not size:
            waiting.setdefault(of_file, []).append(name)
        elif member.kind == "link":
            target = content.read(min(size, _LONGEST_NAME)).decode(errors="surrogateescape")
            yield Member(name, "link", target=target), content
        else:
            yield member, content
            for other in waiting.pop(of_file, []):
                yield Member(other, "hard link", target=name), content
        content.skip()
        _pad(file, size)
    for names in waiting.values():  # files that are empty
        for name in names:
            yield Member(name, "file"), Slice(file, 0, what)


def _header(file: Readable, what: str) -> tuple[list[int], str]:
    header = _exactly(file, _HEADER, what)
    if header.startswith(_WITHOUT_NAMES):
        raise FileFormatError(f"{what} holds files of 4 GiB or more", "no QEMU has such files")
    if not header.startswith(_MAGIC):
        raise FileFormatError(f"{what} is damaged: a header in it is none")
    try:
        fields = [int(header[6 + 8 * at : 14 + 8 * at], 16) for at in range(_FIELDS)]
    except ValueError as error:
        raise FileFormatError(f"{what} is damaged: {error}") from error
    if not 0 < fields[_NAME_SIZE] <= _LONGEST_NAME or min(fields) < 0:
        raise FileFormatError(f"{what} is damaged: a name of {fields[_NAME_SIZE]} bytes")
    name = _exactly(file, fields[_NAME_SIZE], what)
    _pad(file, _HEADER + len(name))
    return fields, name.rstrip(b"\0").decode(errors="surrogateescape")


def _member(fields: list[int], name: str) -> Member:
    kind = _KINDS.get(stat.S_IFMT(fields[_MODE]), "special")
    size = fields[_SIZE] if kind == "file" else 0
    return Member(name, kind, size, bool(fields[_MODE] & 0o111))


def _exactly(file: Readable, size: int, what: str) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise FileFormatError(f"{what} is cut short")
    return found


def _pad(file: Readable, size: int) -> None:
    file.read(-size % 4)
