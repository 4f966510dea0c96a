"""What a form of a guest is: how it is recognised, and how it is read.

Each form is a module in `forms/` with one `FORM`; `recognise` finds them there. No two forms
may recognise the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from qcompat.guest.guest import Uncovered


class Given(msgspec.Struct, frozen=True):
    """A guest as its user has it: QEMU's words, the emulator first where it is named.

    `where` is the file, and the line where the file holds several guests. `uncovered` is what the
    form says of the guest and its words do not, or what it cannot know.
    """

    words: tuple[str, ...]
    where: str
    uncovered: tuple[Uncovered, ...] = ()


class Mismatch(msgspec.Struct, frozen=True):
    """Why some bytes are not in a form; `is_near` where the form is likely to be meant."""

    reason: str
    is_near: bool = False


class Form(msgspec.Struct, frozen=True):
    """A way to write a guest down.

    `name` completes "give …" in a hint. `mismatch` returns None for bytes in this form, and
    never raises. `read` gets such bytes and the name of their file. It returns at least one
    guest, or raises GuestError or FileFormatError.
    """

    name: str
    example: bytes
    mismatch: Callable[[bytes], Mismatch | None]
    read: Callable[[bytes, str], tuple[Given, ...]]


def shown(word: str) -> str:
    """A word of a file, short and printable, for a message."""
    return repr(word if len(word) <= 60 else f"{word[:60]}…")
