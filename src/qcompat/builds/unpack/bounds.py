"""Reading what a stranger packed: forward only, decompressed piece by piece, within bounds.

A kilobyte can stand for a terabyte, and ask for gigabytes of memory to be unpacked.
"""

from __future__ import annotations

import bz2
import hashlib
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import zstandard

from qcompat.errors import FileFormatError

PIECE = 1 << 20
LARGEST = 8 << 30
"""Bytes that one package or image may unpack to."""
_MEMORY = 256 << 20
"""Bytes that decompressing may take; the strongest presets of xz and zstd take 64 and 128 MB."""

_BROKEN = (zlib.error, lzma.LZMAError, zstandard.ZstdError, EOFError, OSError)


class Readable(Protocol):
    """What bytes can be read from, in pieces of the size that is asked for, or shorter."""

    def read(self, size: int, /) -> bytes: ...


class _Decompressor(Protocol):
    """As `lzma.LZMADecompressor`; that of zlib is made to look so."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Hashed:
    """A file, and the digest of what was read of it."""

    def __init__(self, file: Readable, algorithm: str = "sha256") -> None:
        self._file, self._digest = file, hashlib.new(algorithm)

    def read(self, size: int, /) -> bytes:
        piece = self._file.read(size)
        self._digest.update(piece)
        return piece

    def finish(self) -> str:
        """Read to the end; the digest of all of it."""
        while self.read(PIECE):
            pass
        return self._digest.hexdigest()


class _Gzip:
    def __init__(self) -> None:
        self._of = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._of.eof

    @property
    def needs_input(self) -> bool:
        return not self._of.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._of.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._of.decompress(self._of.unconsumed_tail + data, max_length)


_BY_MAGIC: tuple[tuple[bytes, Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b", _Gzip),
    (b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)),
    (b"\x5d\0\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_MEMORY)),
    (b"BZh", bz2.BZ2Decompressor),
)
_ZSTD = (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18")
"""A frame, and the skippable frame that `zstd:chunked` layers may begin with."""


class Plain:
    """Bytes without their compression, whatever it is, up to `most` of them; `left` of these.

    Errors: FileFormatError, naming `what`, for damaged bytes and for too many.
    """

    def __init__(self, packed: Readable, what: str, most: int = LARGEST) -> None:
        self._what, self.left = what, most
        self._most = most
        self._pieces = filter(None, _decompressed(packed))
        self._ahead = b""

    def read(self, size: int, /) -> bytes:
        """Exactly `size` bytes (at most PIECE are sensible), fewer only at the end."""
        while len(self._ahead) < size and (piece := self._next()):
            self._ahead += piece
        found, self._ahead = self._ahead[:size], self._ahead[size:]
        return found

    def _next(self) -> bytes:
        try:
            piece = next(self._pieces, b"")
        except _BROKEN as error:
            raise FileFormatError(f"{self._what} is damaged: {error}") from error
        self.left -= len(piece)
        if self.left < 0:
            raise FileFormatError(
                f"{self._what} unpacks to more than {self._most >> 20} MiB",
                "no QEMU needs that much: is that the right file?",
            )
        return piece


class Slice:
    """The next `size` bytes of a file; `what` names them where they are fewer."""

    def __init__(self, whole: Readable, size: int, what: str) -> None:
        self._whole, self._left, self._what = whole, size, what

    def read(self, size: int, /) -> bytes:
        piece = self._whole.read(min(size, self._left))
        if not piece and size and self._left:
            raise FileFormatError(f"{self._what} is cut short")
        self._left -= len(piece)
        return piece

    def skip(self) -> None:
        """Read to the end."""
        while self.read(PIECE):
            pass


def _decompressed(packed: Readable) -> Iterator[bytes]:
    start = packed.read(6)
    if start.startswith(_ZSTD):
        yield from _of_zstd(packed, start)
        return
    make = next((make for magic, make in _BY_MAGIC if start.startswith(magic)), None)
    if make is None:
        yield start
        while piece := packed.read(PIECE):
            yield piece
        return
    yield from _streams(packed, start, make)


def _streams(packed: Readable, start: bytes, make: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """One compressed stream after the other; zeros may pad the last one."""
    given = start
    while given.strip(b"\0"):
        at_work = make()
        while not at_work.eof:
            yield at_work.decompress(given, PIECE)
            given = packed.read(PIECE) if at_work.needs_input and not at_work.eof else b""
            if not given and at_work.needs_input and not at_work.eof:
                raise EOFError("it is cut short")
        given = at_work.unused_data or packed.read(PIECE)


def _of_zstd(packed: Readable, start: bytes) -> Iterator[bytes]:
    reader = zstandard.ZstdDecompressor(max_window_size=_MEMORY >> 1).stream_reader(
        _Joined(start, packed),  # type: ignore[arg-type]  # it reads, and does nothing else
        read_size=PIECE,
        read_across_frames=True,
    )
    while piece := reader.read(PIECE):
        yield piece


class _Joined:
    """What was read already, then the rest."""

    def __init__(self, start: bytes, rest: Readable) -> None:
        self._start, self._rest = start, rest

    def read(self, size: int, /) -> bytes:
        start, self._start = self._start[:size], self._start[size:]
        return start or self._rest.read(size)


def copied(file: Readable, size: int, what: str, out: BinaryIO) -> None:
    """Copy the next `size` bytes into a file. Errors: FileFormatError where they are fewer."""
    part = Slice(file, size, what)
    while piece := part.read(PIECE):
        out.write(piece)
