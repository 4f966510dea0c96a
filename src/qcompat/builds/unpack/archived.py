"""The files in an image's archive, found by name or by digest, without unpacking it."""

from __future__ import annotations

import posixpath
import re
import shutil
from pathlib import Path
from typing import BinaryIO, cast

from qcompat.builds.unpack.bounds import PIECE, Hashed, Plain, Slice
from qcompat.builds.unpack.tar import tar_members
from qcompat.errors import FileFormatError

_MOST_MEMBERS = 20_000
_MOST_TEXT = 8 << 20
_MOST_LINKS = 8
_DIGEST = re.compile(r"(sha256|sha512):([0-9a-f]{64,128})")
_COMPRESSED = (b"\x1f\x8b", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"BZh")


class Archived:
    """An archive that is open; one that is compressed is unpacked below `staging` first.

    Errors: FileFormatError where it is no tar archive.
    """

    def __init__(self, file: BinaryIO, name: str, staging: Path) -> None:
        self.name = name
        self._file = self._plain(file, staging)
        self._places: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        for member, _ in tar_members(self._file, name):
            path = posixpath.normpath(member.name)
            if member.kind == "file":
                self._places[path] = (self._file.tell(), member.size)
            elif member.kind in ("link", "hard link"):
                beside = posixpath.dirname(path) if member.kind == "link" else ""
                self._links[path] = posixpath.normpath(posixpath.join(beside, member.target))
            if len(self._places) + len(self._links) > _MOST_MEMBERS:
                raise FileFormatError(f"{name} holds too many files for an image")

    def close(self) -> None:
        """Close the archive."""
        self._file.close()

    def __contains__(self, path: str) -> bool:
        return path in self._places

    def read(self, path: str) -> bytes:
        """A short file. Errors: FileFormatError where it is missing, or long."""
        part = self.open(path)
        if len(content := part.read(_MOST_TEXT)) == _MOST_TEXT:
            raise FileFormatError(f"{self.name}: {path[:80]!r} is too large")
        return content

    def read_blob(self, digest: str) -> bytes:
        """A short blob, as its digest says. Errors: as `read`, and for another digest."""
        hashed = Hashed(self.open(self.blob(digest)), digest.partition(":")[0])
        content = hashed.read(_MOST_TEXT)
        self.check(hashed, digest)
        return content

    def open(self, path: str) -> Slice:
        """The bytes of a file; one is open at a time. Errors: FileFormatError."""
        found = posixpath.normpath(path)
        for _ in range(_MOST_LINKS):
            found = self._links.get(found, found)
        if found not in self._places:
            raise FileFormatError(f"{self.name} is a damaged image: it lacks {path[:120]!r}")
        start, size = self._places[found]
        self._file.seek(start)
        return Slice(self._file, size, self.name)

    def blob(self, digest: str) -> str:
        """Where the blob of a digest lies. Errors: FileFormatError for one of another form."""
        if (seen := _DIGEST.fullmatch(digest)) is None:
            raise FileFormatError(f"{self.name} is a damaged image: {digest[:80]!r} is no digest")
        return f"blobs/{seen[1]}/{seen[2]}"

    def check(self, hashed: Hashed, digest: str) -> None:
        """Read to the end, and compare. Errors: FileFormatError for another digest."""
        if hashed.finish() != digest.partition(":")[2]:
            raise FileFormatError(
                f"{self.name} is damaged: what {digest[:19]}… names is something else",
                "save the image again",
            )

    def _plain(self, file: BinaryIO, staging: Path) -> BinaryIO:
        start = file.read(8)
        file.seek(0)
        if not start.startswith(_COMPRESSED):
            return file
        unpacked = (staging / "archive").open("w+b")
        shutil.copyfileobj(cast(BinaryIO, Plain(file, self.name)), unpacked, PIECE)
        unpacked.seek(0)
        return unpacked
