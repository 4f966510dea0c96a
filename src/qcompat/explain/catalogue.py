"""The catalogue of messages: families of data, and which of them a text may hold.

A family is one file in a room of `families/`: what its messages mean, the messages as printed
and by what, and behind the first `[[cause]]` the causes, the most frequent first. Most texts hold
messages of very few families, so the causes of a family are read only when one of its messages is
found.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

import msgspec

from qcompat.dataset import folder_of, parse_table
from qcompat.errors import FileFormatError
from qcompat.explain.template import Template

Role = Literal["cause", "symptom", "place", "warning", "summary"]
ROLES: tuple[Role, ...] = get_args(Role)
"""What a message is good for, the most telling first.

cause     it says what was refused
symptom   it says that something else failed, elsewhere: the other end, another log
place     it says where that which was said before it happened
warning   QEMU went on all the same
summary   it says that the migration failed, and no more
"""
_CAUSES = "\n[[cause]]"


class Printed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Messages, one a line (`template`), and who prints them: function, file and releases.

    `on` is the end whose log has them, where that is always the same one.
    """

    by: str
    texts: str
    on: str = ""


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason for a message, for an operator: why it happens, and what to do.

    `when` says for which details it holds: patterns by the name of the detail, of which one has to
    match. `set` is a line to paste. `rules` and `advisories` are those that are about it.
    """

    why: str
    do: str
    when: Mapping[str, tuple[str, ...]] = {}
    set: str = ""
    rules: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A family without its causes: `says` is what it means, with details in braces.

    Behind one of the families in `follows` it says nothing new.
    """

    title: str
    says: str
    role: Role
    printed: tuple[Printed, ...]
    references: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()


class _Rest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cause: tuple[Cause, ...]


class Message(msgspec.Struct, frozen=True):
    """One message of the catalogue."""

    family: str
    template: Template
    printed: Printed


class Catalogue(msgspec.Struct, frozen=True):
    """All families by name, and all their messages."""

    families: Mapping[str, Head]
    messages: tuple[Message, ...]


@cache
def catalogue() -> Catalogue:
    """The catalogue that ships with qcompat. Errors: FileFormatError for a damaged file."""
    families: dict[str, Head] = {}
    messages: list[Message] = []
    for name, content in sorted(_contents().items()):
        head, _, _ = content.partition(_CAUSES)
        families[name] = family = parse_table(head.encode(), Head, f"{name}.toml")
        for printed in family.printed:
            for text in printed.texts.splitlines():
                if text:
                    messages.append(Message(name, Template(text), printed))
    return Catalogue(families, tuple(messages))


def causes_of(family: str) -> tuple[Cause, ...]:
    """The causes of a family, the most frequent first."""
    _, mark, rest = _contents()[family].partition(_CAUSES)
    if not mark:
        raise FileFormatError(f"the table {family}.toml is not valid: it has no [[cause]]")
    return parse_table((mark + rest).encode(), _Rest, f"{family}.toml").cause


@cache
def _contents() -> Mapping[str, str]:
    found = folder_of("qcompat.explain").joinpath("families").rglob("*.toml")
    return {path.stem: path.read_text("utf-8") for path in found}
