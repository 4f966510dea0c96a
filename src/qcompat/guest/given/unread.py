"""Files that people take for a guest and that no form reads; the table is `unread.toml`.

Each has a hint with the command that gives a file which is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table

_LOOKED_AT = 1 << 16


class Unread(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of file: what it is, how it is recognised, and what to do instead."""

    what: str
    hint: str
    magic: str = ""
    lines: tuple[str, ...] = ()


@cache
def table() -> Mapping[str, Unread]:
    """The kinds by name."""
    return read_table("qcompat.guest.given", "unread.toml", dict[str, Unread])


def unread(data: bytes) -> Unread | None:
    """What the bytes are, if it is such a kind. Only their beginning is looked at."""
    text = data[:_LOOKED_AT].decode("latin-1")
    for kind in table().values():
        if kind.magic and text.startswith(kind.magic):
            return kind
        found = [re.search(f"^{line}", text, re.MULTILINE) for line in kind.lines]
        if found and all(found):
            return kind
    return None
