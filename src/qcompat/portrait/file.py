"""The portrait file `.qcp`: a fixed header, then the compressed portrait.

    offset  bytes
    0       8     magic `QCPORT\\r\\n`, which text conversion would damage
    8       2     format number, big endian (this is format 1)
    10      32    SHA-256 of all that follows
    42      …     Zstandard frame of the MessagePack form of `Portrait`

A file is read whole or not at all: bad magic, a newer format, a wrong digest or too much data
is a `FileFormatError`. It is written under another name, synced and renamed.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import msgspec
import zstandard

from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.guest.guest import Guest
from qcompat.local.foreign_file import read_foreign
from qcompat.local.whole_file import write_whole
from qcompat.portrait.portrait import Portrait

MAGIC = b"QCPORT\r\n"
FORMAT = 1
_HEADER = len(MAGIC) + 2 + 32
_MOST_BYTES = 64 * 1024 * 1024
"""Portraits of whole guests take some megabytes; a bomb of this size costs a reader seconds."""
_LEVEL = 9

_decoder = msgspec.msgpack.Decoder(Portrait)
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def pack(portrait: Portrait) -> bytes:
    """The bytes of a portrait file, without the user's own line; those of equal ones are equal."""
    guest = msgspec.structs.replace(portrait.guest, own=())
    return sealed(_encoder.encode(msgspec.structs.replace(portrait, guest=guest)))


def sealed(content: bytes) -> bytes:
    """A portrait file around its MessagePack form."""
    body = zstandard.ZstdCompressor(level=_LEVEL).compress(content)
    return MAGIC + FORMAT.to_bytes(2, "big") + hashlib.sha256(body).digest() + body


def unpack(data: bytes, name: str = "portrait") -> Portrait:
    """The portrait in `data`, which errors call `name`. Errors: FileFormatError."""
    if data[: len(MAGIC)] != MAGIC:
        raise FileFormatError(
            f"{name} is not a portrait file", "take one with `qcompat portrait take`"
        )
    if len(data) < _HEADER:
        raise FileFormatError(f"{name} is cut short", "copy it again, or take a new one")
    number = int.from_bytes(data[8:10], "big")
    if number != FORMAT:
        raise FileFormatError(
            f"{name} has portrait format {number}, this qcompat reads format {FORMAT}",
            "take a new one, or use the qcompat release that wrote it",
        )
    body = data[_HEADER:]
    if hashlib.sha256(body).digest() != data[10:_HEADER]:
        raise FileFormatError(f"{name} is damaged or cut short", "copy it again, or take a new one")
    return _decode(body, name)


def _decode(body: bytes, name: str) -> Portrait:
    try:
        size = zstandard.frame_content_size(body)
        if not 0 <= size <= _MOST_BYTES:
            raise FileFormatError(f"{name} claims {size} bytes of content", "it is not genuine")
        raw = zstandard.ZstdDecompressor().decompress(body, max_output_size=_MOST_BYTES)
        return _decoder.decode(raw)
    except (zstandard.ZstdError, *UNDECODABLE) as error:
        raise FileFormatError(f"{name} does not hold a portrait: {error}") from error


def read_portrait(path: Path) -> Portrait:
    """Read a portrait file. Errors: FileFormatError."""
    return unpack(read_foreign(path, _MOST_BYTES, "give a portrait file"), str(path))


def recall_portrait(path: Path, guest: Guest) -> Portrait | None:
    """A portrait that was kept, for the guest of a question; a damaged one is removed.

    What was not learned for a reason of this machine, or could not be read, is not recalled: that
    may have changed.
    """
    if not path.exists():
        return None
    with contextlib.suppress(FileFormatError):
        kept = read_portrait(path)
        is_read = kept.refusal is None or kept.refusal.stage != "unread"
        if kept.shortage is None and is_read:
            return msgspec.structs.replace(kept, guest=guest)
    path.unlink(missing_ok=True)
    return None


def write_portrait(portrait: Portrait, path: Path) -> None:
    """Write a portrait file, complete or not at all. Errors: StoreError."""
    write_whole(path, pack(portrait))
