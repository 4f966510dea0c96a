"""The members of a tar archive, with bounds on what describes them.

`tarfile` reads a member's extended header whole, however long it says it is, keeps all members, and
takes a damaged header for the end.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from qcompat.builds.unpack.bounds import PIECE, Readable
from qcompat.builds.unpack.member import Kind, Member
from qcompat.errors import UNDECODABLE, FileFormatError

_MOST_HEADER = 1 << 20
_MOST_GLOBAL = 64
_KINDS: dict[bytes, Kind] = {
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "hard link",
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
}


def tar_members(file: Readable, what: str) -> Iterator[tuple[Member, Readable]]:
    """Each member, and where its content can be read until the next one is asked for.

    Errors: FileFormatError, naming `what`.
    """
    forward = _Forward(file)
    try:
        with tarfile.open(fileobj=cast(BinaryIO, forward), mode="r:") as tar:
            while (found := _next(tar, forward)) is not None:
                forward.allowance = None
                yield _member(found, what), forward
        if forward.last.strip(b"\0"):
            raise FileFormatError(f"{what} is damaged: a header in it is none")
        while file.read(PIECE):
            pass  # what pads the archive is in its digest
    except (tarfile.TarError, *UNDECODABLE) as error:
        if forward.tell() <= tarfile.BLOCKSIZE:
            raise FileFormatError(f"{what} is no tar archive", "is that the right file?") from error
        raise FileFormatError(f"{what} is damaged: {error or type(error).__name__}") from error


def _next(tar: tarfile.TarFile, forward: _Forward) -> tarfile.TarInfo | None:
    forward.allowance = _MOST_HEADER
    found = tar.next()
    tar.members.clear()  # type: ignore[attr-defined]  # of tarfile's documentation, not its types
    if len(tar.pax_headers) > _MOST_GLOBAL:
        raise tarfile.ReadError(f"it has more than {_MOST_GLOBAL} global properties")
    return found


def _member(found: tarfile.TarInfo, what: str) -> Member:
    if found.issparse():
        raise FileFormatError(f"{what} holds a sparse file", "pack it without --sparse")
    kind = _KINDS.get(found.type, "special")
    size = found.size if kind == "file" else 0
    return Member(found.name, kind, size, bool(found.mode & 0o111), found.linkname)


class _Forward:
    """What `tarfile` needs of a file; while it reads headers, at most `allowance` bytes."""

    def __init__(self, file: Readable) -> None:
        self._file, self._at = file, 0
        self.allowance: int | None = _MOST_HEADER
        self.last = b""

    def read(self, size: int, /) -> bytes:
        if self.allowance is not None:
            self.allowance -= size
            if self.allowance < 0:
                raise tarfile.ReadError(f"a header has more than {_MOST_HEADER} bytes")
        found = self._file.read(size)
        self._at += len(found)
        self.last = found
        return found

    def tell(self) -> int:
        return self._at

    def seek(self, place: int, /) -> None:
        if place < self._at:
            raise tarfile.ReadError("a member lies before the one that it follows")
        while self._at < place and (piece := self._file.read(min(PIECE, place - self._at))):
            self._at += len(piece)
