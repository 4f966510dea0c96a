"""Reading a Debian package: what it is called, provides and depends on, and its files.

The format (deb(5)): an `ar` archive of `debian-binary`, `control.tar.*` and `data.tar.*`. A header
of `ar` has 60 bytes: name (16), time (12), owner (6), group (6), mode (8), size (10), and two that
end it. Scripts are members of the control archive, which nobody unpacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from qcompat.builds.unpack.bounds import Plain, Readable, Slice
from qcompat.builds.unpack.member import Member
from qcompat.builds.unpack.package import Package
from qcompat.builds.unpack.tar import tar_members
from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import open_foreign

MAGIC = b"!<arch>\n"
_HEADER, _END = 60, b"`\n"
_MOST_CONTROL = 4 << 20
_FIELD = re.compile(r"^(?P<name>[A-Za-z-]+):[ \t]*(?P<text>.*(?:\n[ \t].*)*)", re.M)


def read_deb(path: Path) -> Package:
    """What a package says of itself. Errors: FileFormatError."""
    with open_foreign(path) as file:
        plain = Plain(_part(file, path, "control.tar"), path.name, _MOST_CONTROL)
        for member, content in tar_members(plain, path.name):
            if member.kind == "file" and member.name.removeprefix("./") == "control":
                text = content.read(member.size).decode(errors="replace")
                return _package(dict(_FIELD.findall(text)))
    raise FileFormatError(f"{path.name} does not say which package it is")


def deb_members(path: Path) -> Iterator[tuple[Member, Readable]]:
    """The files of a package. Errors: FileFormatError."""
    with open_foreign(path) as file:
        yield from tar_members(Plain(_part(file, path, "data.tar"), path.name), path.name)


def _part(file: BinaryIO, path: Path, wanted: str) -> Slice:
    if file.read(len(MAGIC)) != MAGIC:
        raise FileFormatError(f"{path.name} is no Debian package")
    while header := file.read(_HEADER):
        size = header[48:58].strip()
        if len(header) < _HEADER or header[58:] != _END or not size.isdigit():
            raise FileFormatError(f"{path.name} is damaged", "download it again")
        part = Slice(file, int(size), path.name)
        if header[:16].decode("latin-1").startswith(wanted):
            return part
        part.skip()
        file.read(int(size) % 2)
    raise FileFormatError(f"{path.name} has no {wanted}", "download it again")


def _package(fields: dict[str, str]) -> Package:
    needed = [*_clauses(fields.get("Pre-Depends", "")), *_clauses(fields.get("Depends", ""))]
    name = fields.get("Package", "").strip()
    provided = frozenset((name, *_clauses(fields.get("Provides", ""))))
    return Package(
        name,
        fields.get("Version", "").strip(),
        fields.get("Architecture", "").strip(),
        provided,
        tuple(needed),
    )


def _clauses(text: str) -> list[str]:
    """`a (>= 1), b:any | c [amd64]` as `a`, `b|c`."""
    return [
        "|".join(re.split(r"[\s(:\[<]", name.strip())[0] for name in clause.split("|"))
        for clause in text.split(",")
        if clause.strip()
    ]
