"""What was read of a tree, kept in the cache: facts by the hash of a file's content.

One file for a tree or repository, because it is read whole each time: 5 MB in 0.1 s. A file
that is unchanged by size and time is not hashed again.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
import zstandard

from qcompat.errors import UNDECODABLE, StoreError
from qcompat.local.home import cache_home
from qcompat.local.whole_file import write_whole
from qcompat.source.facts import FileFacts

FORMAT = 8
"""Raised whenever `read` finds other facts in the same file."""

_LARGEST = 1 << 29


class Kept(msgspec.Struct, array_like=True):
    """`seen` is the size, time and hash of each file; `facts` go by hash."""

    seen: dict[str, tuple[int, int, str]] = {}
    facts: dict[str, FileFacts] = {}


_decoder = msgspec.msgpack.Decoder(Kept)


def place_of(origin: Path) -> Path:
    """Where the facts of the tree or repository at `origin` are kept."""
    digest = hashlib.sha256(f"{FORMAT} {os.path.realpath(origin)}".encode()).hexdigest()
    return cache_home() / "source-facts" / f"{digest[:32]}.qsf"


def read_kept(origin: Path) -> Kept:
    """What was kept; nothing where that is damaged, which costs only time."""
    try:
        content = place_of(origin).read_bytes()
        return _decoder.decode(zstandard.decompress(content, max_output_size=_LARGEST))
    except (OSError, zstandard.ZstdError, *UNDECODABLE):
        return Kept()


def write_kept(origin: Path, kept: Kept) -> None:
    """Keep it; a cache that cannot be written is no reason to fail."""
    try:
        write_whole(place_of(origin), zstandard.compress(msgspec.msgpack.encode(kept), 1))
    except StoreError:
        return


def digest_of(content: bytes) -> str:
    """The name that git gives such a file, so that a revision's files are known unread."""
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
