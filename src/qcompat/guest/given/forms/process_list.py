"""A line of `ps` or `pgrep -a`: the words of a process behind its number, without their quotes.

    qemu  1234  9.8  3.1 5123456 789012 ?  Sl  Nov26  55:01 /usr/bin/qemu-system-x86_64 -name web1
    1234 /usr/bin/qemu-system-x86_64 -name web1

A value with blanks is in pieces there, which shows as a stray word.
"""

from __future__ import annotations

import re

from qcompat.guest.given.form import Form, Given, Mismatch
from qcompat.guest.given.forms.process import AS_STARTED
from qcompat.guest.program import is_emulator

_MOST_COLUMNS = 14
_NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)


def command_at(words: list[str]) -> int | None:
    """Where the command of a line begins; None for a line that shows none of an emulator.

    The first column may be a user who is called as an emulator is.
    """
    numbers = [bool(_NUMBER.fullmatch(word)) for word in words[: _MOST_COLUMNS + 2]]
    if not any(numbers[:2]):
        return None
    for at in range(numbers.index(True) + 1, min(len(words) - 1, _MOST_COLUMNS + 1)):
        if is_emulator(words[at]) and words[at + 1].startswith("-"):
            return at
    return None


def _lines(data: bytes) -> list[tuple[int, list[str]]]:
    words = [line.split() for line in data.decode(errors="surrogateescape").splitlines()]
    return [(number, line) for number, line in enumerate(words, 1) if command_at(line) is not None]


def _mismatch(data: bytes) -> Mismatch | None:
    if b"\0" in data or not _lines(data):
        return Mismatch("no line shows an emulator behind the number of its process")
    return None


def _read(data: bytes, name: str) -> tuple[Given, ...]:
    found = _lines(data)
    several = len(found) > 1
    return tuple(
        Given(
            tuple(words[command_at(words) :]),
            f"{name}, line {at}" if several else name,
            (AS_STARTED,),
        )
        for at, words in found
    )


FORM = Form(
    name="a line of ps",
    example=b"root 1234 9.8 3.1 1 2 ? Sl Nov26 55:01 /usr/bin/qemu-system-x86_64 -machine q35\n",
    mismatch=_mismatch,
    read=_read,
)
