"""A QEMU command line as a list of options.

Only taken apart here: what `program` finds in front is skipped, every option is found in the
`known_options`, its value is read by the syntax of `option`. Errors are reported together, ten at
most.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from qcompat.errors import GuestError
from qcompat.guest.known_options import KnownOption, find
from qcompat.guest.option import Option, flatten, parse_fields
from qcompat.guest.program import arguments_in, is_emulator

_MOST_PROBLEMS = 10
_MOST_LEVELS = 50


def read(arguments: Sequence[str]) -> tuple[Option, ...]:
    """The options in the order given. Raises GuestError with every problem found."""
    words, options, problems = iter(arguments_in(arguments)), [], list[GuestError]()
    has_failed = False
    for word in words:
        is_value_of_failed = has_failed and not _is_option(word)
        try:
            options.append(_option(word, words))
            has_failed = False
        except GuestError as error:
            has_failed = _is_option(word)
            problems += [] if is_value_of_failed else [error]
        if len(problems) == _MOST_PROBLEMS:
            break
    if problems:
        raise joined(problems)
    return tuple(options)


def split(words: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each option by its own name, with its words as they are; nameless what is no option.

    Errors: GuestError for an option that QEMU does not have.
    """
    rest = iter(words)
    for word in rest:
        if not _is_option(word):
            yield "", (word,)
            continue
        name, entry = find(word[2:] if word.startswith("--") else word[1:])
        yield name, (word,) if entry.takes == "nothing" else (word, next(rest, ""))


def joined(problems: Sequence[GuestError]) -> GuestError:
    """Several errors as one; a single one stays as it is."""
    if len(problems) == 1:
        return problems[0]
    lines = [f"{p.message} ({p.hint})" if p.hint else p.message for p in problems]
    return GuestError("the arguments make no guest: " + "; ".join(lines), "correct each of them")


def _option(word: str, rest: Iterator[str]) -> Option:
    _refuse_undecoded(word)
    if not _is_option(word):
        raise _stray(word)
    name, entry = find(word[2:] if word.startswith("--") else word[1:])
    if entry.takes == "nothing":
        _refuse(name, entry)
        return Option(name=name, written=word)
    value = next(rest, None)
    if value is None:
        raise GuestError(f"-{name} needs a value", "it is the last argument")
    _refuse(name, entry)
    _refuse_undecoded(value)
    return _with_value(name, entry, value)


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _stray(word: str) -> GuestError:
    if is_emulator(word):
        return GuestError(f"{word} stands among the arguments", "write the emulator in front")
    word = _brief(word)
    return GuestError(
        f"{word} is not a QEMU argument",
        f"write -hda {word} or -drive file={word} if it is a disk; quote a value with spaces",
    )


def _brief(word: str) -> str:
    return word if len(word) <= 120 else f"{word[:120]}…"


def _refuse(name: str, entry: KnownOption) -> None:
    if entry.fate == "refused":
        raise GuestError(f"-{name} makes no guest", entry.hint)


def _with_value(name: str, entry: KnownOption, value: str) -> Option:
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
        pairs = tuple(flatten(json.loads(value)))
    except ValueError as error:
        hint = f"{error}; a shell needs quotes around the whole value"
        raise GuestError(f"{_brief(written)} is not valid JSON", hint) from error
    except RecursionError as error:
        raise _too_deep(name) from error
    if any(key.count(".") > _MOST_LEVELS for key, _ in pairs):
        raise _too_deep(name)
    for key, _ in pairs:
        if not key or {",", "="} & set(key):  # written as key=value it would be another guest
            raise GuestError(
                f"{_brief(written)} has a key that no QEMU has: {key!r}",
                "leave it out: names of properties hold neither `,` nor `=`",
            )
    _refuse_undecoded("".join(f"{key}{value}" for key, value in pairs))
    text = value if name == "device" else ""
    return Option(name=name, pairs=pairs, written=written, json=text)


def _too_deep(name: str) -> GuestError:
    return GuestError(f"the JSON of -{name} is nested too deeply", "no option of QEMU needs that")


def _refuse_undecoded(word: str) -> None:
    """Python keeps bytes that are no UTF-8 as lone surrogates, which no output could hold."""
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise GuestError(
            f"the argument {_brief(word)!r} is not UTF-8", "use names of files in UTF-8 or ASCII"
        ) from error
