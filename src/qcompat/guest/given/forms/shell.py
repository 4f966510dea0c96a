"""A command line as typed into a shell, or a script with one or several of them.

Nothing is expanded or run. Words, quotes, backslashes and comments are what POSIX says they
are (Shell Command Language, 2.2 and 2.3): `#` begins a comment only where a word would begin,
and a backslash before a line's end joins two lines, except in single quotes and comments.

Lines that do not begin with an emulator go on with the guest above them, so a file may hold
one option a line. A line that begins with an emulator, below another such line, begins a
further guest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.given.form import Form, Given, Mismatch, shown
from qcompat.guest.program import has_emulator, is_emulator, is_in_front

_BETWEEN = re.compile(r"(?:[ \t\r]|\\(?:\n|\Z))+")
_COMMENT = re.compile(r"#[^\n]*")
_PIECE = re.compile(
    r"""'(?P<single>[^']*+)'|"(?P<double>(?:[^"\\]++|\\.)*+)"|\\(?P<escaped>.)"""
    r"""|(?P<plain>[^ \t\r\n'"\\]++)""",
    re.DOTALL,
)
_ESCAPED_IN_QUOTES = re.compile(r'\\([$`"\\\n])')


class _Command(msgspec.Struct):
    """The words up to an end of line that is neither quoted nor escaped."""

    line: int
    words: list[str]


def split_words(text: str) -> tuple[str, ...]:
    """All words of a text. Errors: GuestError for a quote that does not end."""
    return tuple(word for line, word in _words(text) if line)


def _commands(text: str) -> Iterator[_Command]:
    command = _Command(0, [])
    for line, word in _words(text):
        if line:
            command = command if command.words else _Command(line, [])
            command.words.append(word)
        elif command.words:
            yield command
            command = _Command(0, [])
    if command.words:
        yield command


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Each word with its line, and (0, "") where a command ends."""
    text = text.replace("\r\n", "\n")
    place, line = 0, 1
    while place < len(text):
        start = place
        if text[place] == "\n":
            place += 1
            yield 0, ""
        elif found := _BETWEEN.match(text, place) or _COMMENT.match(text, place):
            place = found.end()
        else:
            word, place = _word(text, place, line)
            yield line, word
        line += text.count("\n", start, place)


def _word(text: str, place: int, line: int) -> tuple[str, int]:
    """The word that begins at `place`, and where it ends."""
    pieces = []
    while found := _PIECE.match(text, place):
        pieces.append(_meant(found))
        place = found.end()
    if text[place : place + 1] in ("'", '"'):
        raise GuestError(
            f"a quote {text[place]} in line {line} does not end",
            "close it, or put a backslash before it",
        )
    return "".join(pieces), place


def _meant(piece: re.Match[str]) -> str:
    if piece["double"] is not None:
        return _ESCAPED_IN_QUOTES.sub(lambda found: found[1].strip("\n"), piece["double"])
    if piece["escaped"] is not None:
        return piece["escaped"].strip("\n")
    return piece["single"] if piece["single"] is not None else piece["plain"]


def _mismatch(data: bytes) -> Mismatch | None:
    if b"\0" in data:
        return Mismatch("a command line holds no zero bytes")
    try:
        words = (word for line, word in _words(data.decode("utf-8-sig")) if line)
        first = next(words, None)
    except UnicodeDecodeError as error:
        return Mismatch(f"a command line is text in UTF-8, and this is not: {error}")
    except GuestError as error:
        return Mismatch(f"as a command line, {error.message}", is_near=True)
    if first is None:
        return Mismatch("it holds no words except comments", is_near=True)
    if first.startswith("-") or is_in_front(first) or is_emulator(first):
        return None
    reason = f"as a command line, {shown(first)} is neither an emulator nor an option"
    return Mismatch(reason, is_near=True)


def _read(data: bytes, name: str) -> tuple[Given, ...]:
    guests: list[_Command] = []
    for command in _commands(data.decode("utf-8-sig")):
        if not guests or (has_emulator(command.words) and has_emulator(guests[-1].words)):
            guests.append(command)
        else:
            guests[-1].words += command.words
    if len(guests) == 1:
        return (Given(tuple(guests[0].words), name),)
    return tuple(Given(tuple(guest.words), f"{name}, line {guest.line}") for guest in guests)


FORM = Form(
    name="a command line as typed into a shell",
    example=b"qemu-kvm -machine q35 \\\n  -name 'my guest'  # a comment\n",
    mismatch=_mismatch,
    read=_read,
)
