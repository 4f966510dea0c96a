"""A QEMU command line as a list of options.

Only taken apart here: a program name and environment in front are skipped, every option is
found in the `vocabulary`, its value is read by the syntax of `option`. All that is wrong is
said together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from qcompat.errors import GuestError
from qcompat.guest.option import Option, flatten, parse_fields
from qcompat.guest.vocabulary import Word, find

_PROGRAM = re.compile(r"(qemu|kvm|qemu-kvm|qemu-system-\w+)")
_ENVIRONMENT = re.compile(r"[A-Z_][A-Z0-9_]*=.*", re.DOTALL)


def read(arguments: Sequence[str]) -> tuple[Option, ...]:
    """The options in the order given. Raises GuestError with every problem found."""
    words, options, problems = iter(_without_program(arguments)), [], list[GuestError]()
    for word in words:
        try:
            options.append(_option(word, words))
        except GuestError as error:
            problems.append(error)
    if problems:
        raise joined(problems)
    return tuple(options)


def joined(problems: Sequence[GuestError]) -> GuestError:
    """Several errors as one; a single one stays as it is."""
    if len(problems) == 1:
        return problems[0]
    lines = [f"{p.message} ({p.hint})" if p.hint else p.message for p in problems]
    return GuestError("the arguments make no guest: " + "; ".join(lines), "mend each of them")


def _without_program(arguments: Sequence[str]) -> Sequence[str]:
    start = 0
    while start < len(arguments) and _ENVIRONMENT.fullmatch(arguments[start]):
        start += 1
    if start < len(arguments) and _PROGRAM.fullmatch(PurePath(arguments[start]).name):
        start += 1
    return arguments[start:]


def _option(word: str, rest: Iterator[str]) -> Option:
    if not word.startswith("-") or word == "-":
        return Option(name="hda", text=word, written=word)
    name, entry = find(word[2:] if word.startswith("--") else word[1:])
    if entry.takes == "nothing":
        _refuse(name, entry)
        return Option(name=name, written=word)
    value = next(rest, None)
    if value is None:
        raise GuestError(f"-{name} needs a value", "it is the last argument")
    _refuse(name, entry)
    return _with_value(name, entry, value)


def _refuse(name: str, entry: Word) -> None:
    if entry.fate == "refused":
        raise GuestError(f"-{name} makes no guest", entry.hint)


def _with_value(name: str, entry: Word, value: str) -> Option:
    written = f"-{name} {value}"
    if entry.takes == "text":
        return Option(name=name, text=value, written=written)
    if value in {"help", "?"} or value.endswith((",help", ",?")):
        raise GuestError(f"{written} makes no guest", "leave it out: it makes QEMU print a list")
    if value.startswith("{"):
        return _from_json(name, value, written)
    return Option(name=name, pairs=parse_fields(value, entry.implied), written=written)


def _from_json(name: str, value: str, written: str) -> Option:
    try:
        parsed = json.loads(value)
    except ValueError as error:
        hint = f"{error}; a shell needs quotes around the whole value"
        raise GuestError(f"{written} is not valid JSON", hint) from error
    text = value if name == "device" else ""
    return Option(name=name, pairs=tuple(flatten(parsed)), written=written, json=text)
