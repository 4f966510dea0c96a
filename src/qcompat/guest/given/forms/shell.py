"""A command line as typed into a shell, or a script with one or several of them.

Nothing is expanded or run. Words, quotes, backslashes and comments are what POSIX says they
are (Shell Command Language, 2.2 and 2.3): `#` begins a comment only where a word would begin,
and a backslash before a line's end joins two lines, except in single quotes and comments.
Redirections, and what a shell does with a command (`&`), belong to the host.

Lines that do not begin with an emulator go on with the guest above them, so a file may hold
one option a line. A line that begins with an emulator, below another such line, begins a
further guest. In a script, which begins with `#!`, other commands are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.given.form import Form, Given, Mismatch, shown
from qcompat.guest.given.forms.process_list import command_at
from qcompat.guest.program import has_emulator, is_emulator, is_in_front

_BETWEEN = re.compile(r"(?:[ \t\r]|\\(?:\n|\Z))+")
_COMMENT = re.compile(r"#[^\n]*")
_PIECE = re.compile(
    r"""'(?P<single>[^']*+)'|"(?P<double>(?:[^"\\]++|\\.)*+)"|\\(?P<escaped>.)"""
    r"""|(?P<plain>[^ \t\r\n'"\\]++)""",
    re.DOTALL,
)
_ESCAPED_IN_QUOTES = re.compile(r'\\([$`"\\\n])')


_VARIABLE = re.compile(r"\$(?:\{?(\w+)|\(|[@*#?!$-])|`")
_OPERATOR = re.compile(r"&&?|\|\|?|;;?|\(|\)|\{|\}")
_REDIRECTION = re.compile(r"\d*(?:>>?|<>?|>\||&>>?)(?:&?[^\s'\"\\]*)")
_SCRIPT = "#!"
_MOST_SHOWN = 10
_LINE = 1 << 16
_IN_QUOTES = "write its value in its place, or put it in single quotes if it is meant as it stands"


class _Word(msgspec.Struct, frozen=True):
    """A word, its line, what a shell would expand in it, and whether any of it is quoted."""

    text: str
    line: int
    expands: tuple[str, ...] = ()
    is_quoted: bool = False


class _Command(msgspec.Struct):
    """The words up to an end of line or an operator that is neither quoted nor escaped."""

    words: list[_Word]

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]

    @property
    def line(self) -> int:
        return self.words[0].line


def split_words(text: str) -> tuple[str, ...]:
    """All words of a text. Errors: GuestError for a quote that does not end."""
    return tuple(word.text for word in _words(text) if word)


def _commands(text: str) -> Iterator[_Command]:
    command = _Command([])
    skips_target = False
    for word in _words(text):
        ends = word is None or (not word.is_quoted and _OPERATOR.fullmatch(word.text))
        if ends:
            if command.words:
                yield command
            command = _Command([])
        elif skips_target:
            skips_target = False
        elif word and not word.is_quoted and (found := _REDIRECTION.fullmatch(word.text)):
            skips_target = found[0].endswith((">", "<", "|"))
        elif word:
            command.words.append(_without_end(word))
    if command.words:
        yield command


def _without_end(word: _Word) -> _Word:
    """The word without a `;` at its end."""
    if word.is_quoted or not word.text.endswith(";"):
        return word
    return msgspec.structs.replace(word, text=word.text.rstrip(";"))


def _words(text: str) -> Iterator[_Word | None]:
    """Each word, and None where a line ends that is not joined with the next."""
    text = text.replace("\r\n", "\n")
    place, line = 0, 1
    while place < len(text):
        start = place
        if text[place] == "\n":
            place += 1
            yield None
        elif found := _BETWEEN.match(text, place) or _COMMENT.match(text, place):
            place = found.end()
        else:
            word, place = _word(text, place, line)
            yield word
        line += text.count("\n", start, place)


def _word(text: str, place: int, line: int) -> tuple[_Word, int]:
    """The word that begins at `place`, and where it ends."""
    pieces, expands, quoted = [], [], False
    while found := _PIECE.match(text, place):
        pieces.append(_meant(found))
        open_ = found["plain"] or found["double"] or ""
        expands += [each[0] for each in _VARIABLE.finditer(re.sub(r"\\.", "", open_))]
        quoted |= found["plain"] is None
        place = found.end()
    if text[place : place + 1] in ("'", '"'):
        raise GuestError(
            f"a quote {text[place]} in line {line} does not end",
            "close it, or put a backslash before it",
        )
    return _Word("".join(pieces), line, tuple(expands), quoted), place


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
        text = data.decode("utf-8-sig")
        first = next((word.text for word in _words(text) if word), None)
        if first is None:
            return Mismatch("it holds no words except comments", is_near=True)
        if command_at(text[:_LINE].partition("\n")[0].split()) is not None:
            return Mismatch("it is a line of ps")
        if first.startswith("-") or is_in_front(first) or is_emulator(first):
            return None
        if text.startswith(_SCRIPT) and any(has_emulator(each.texts) for each in _commands(text)):
            return None
    except UnicodeDecodeError as error:
        return Mismatch(f"a command line is text in UTF-8, and this is not: {error}")
    except GuestError as error:
        return Mismatch(f"as a command line, {error.message}", is_near=True)
    if text.startswith(_SCRIPT):
        return Mismatch("as a script, it has no command that begins with an emulator", is_near=True)
    reason = f"as a command line, {shown(first)} is neither an emulator nor an option"
    return Mismatch(reason, is_near=True)


def _read(data: bytes, name: str) -> tuple[Given, ...]:
    text = data.decode("utf-8-sig")
    guests: list[_Command] = []
    for command in _commands(text):
        if not guests or (has_emulator(command.texts) and has_emulator(guests[-1].texts)):
            guests.append(command)
        elif not text.startswith(_SCRIPT) or command.words[0].text.startswith("-"):
            guests[-1].words += command.words
        elif not has_emulator(guests[-1].texts):
            guests[-1] = command
    _refuse_variables(guests)
    if len(guests) == 1:
        return (Given(tuple(guests[0].texts), name),)
    return tuple(Given(tuple(guest.texts), f"{name}, line {guest.line}") for guest in guests)


def _refuse_variables(guests: list[_Command]) -> None:
    """What a shell would put in is not known here. Errors: GuestError with all of it."""
    open_ = [
        f"{each} in line {word.line}"
        for guest in guests
        for word in guest.words
        for each in word.expands
    ]
    if open_:
        said = ", ".join(dict.fromkeys(open_[:_MOST_SHOWN]))
        raise GuestError(f"no shell expands {said}", _IN_QUOTES)


FORM = Form(
    name="a command line as typed into a shell",
    example=b"qemu-kvm -machine q35 \\\n  -name 'my guest'  # a comment\n",
    mismatch=_mismatch,
    read=_read,
)
