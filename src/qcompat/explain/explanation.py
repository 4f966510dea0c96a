"""The answer: what is wrong first, why that happens, and what only follows from it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.explain.catalogue import Cause, Role


class Said(msgspec.Struct, frozen=True):
    """A message as it stands in the text: its first line's number, and what it is good for."""

    line: int
    text: str
    family: str
    role: Role
    title: str
    count: int = 1


class Likely(msgspec.Struct, frozen=True):
    """A cause that fits, its texts filled in with what the message says.

    `is_shown` says that a real check of the guest found it.
    """

    why: str
    do: str
    set: str = ""
    rules: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    is_shown: bool = False


class Problem(msgspec.Struct, frozen=True):
    """Something that went wrong: the message, what it means, and its causes, likeliest first.

    `device` is the id of the section that failed, or its state's name, or empty. `details` are the
    values of the message and what they mean. `by` is who prints it, `on` the end whose log it
    is in, where that is known. `is_earlier` says that it is about an earlier start of the guest.
    """

    said: Said
    means: str
    by: str
    on: str
    device: str
    details: Mapping[str, str]
    causes: tuple[Likely, ...]
    references: tuple[str, ...] = ()
    is_earlier: bool = False


class Near(msgspec.Struct, frozen=True):
    """A message of the catalogue that resembles a line of the text."""

    line: int
    text: str
    family: str
    title: str
    template: str


class Explanation(msgspec.Struct, frozen=True):
    """`problems` come in the order in which to look at them; `follows` is what they led to.

    `nearest` are only filled where nothing is known. `is_cut` says that a part of the text was
    too long to be read.
    """

    problems: tuple[Problem, ...]
    follows: tuple[Said, ...] = ()
    nearest: tuple[Near, ...] = ()
    is_cut: bool = False


class Details(dict[str, str]):
    """For `str.format_map`: what a message does not tell has a word of its own."""

    def __missing__(self, key: str) -> str:
        return _UNTOLD.get(key, "…")


_UNTOLD = {
    "device": "the device",
    "state": "the device",
    "kind": "virtio",
    "register": "a register",
}


def filled(cause: Cause, details: Mapping[str, str]) -> Likely:
    """A cause of the catalogue for this message, without a line that lacks one of its values."""
    words = Details(details)
    line = cause.set.format_map(words)
    return Likely(
        why=cause.why.format_map(words),
        do=cause.do.format_map(words),
        set="" if line.count("…") > cause.set.count("…") else line,
        rules=cause.rules,
        advisories=cause.advisories,
        references=cause.references,
    )
