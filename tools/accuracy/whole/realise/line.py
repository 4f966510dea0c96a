"""The options of a QEMU command line, read without qcompat's own reader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec


class Option(msgspec.Struct, frozen=True):
    """One option: `-device VALUE` is `Option("device", "VALUE")`."""

    name: str
    value: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """As QEMU is given it."""
        return (f"-{self.name}", self.value) if self.value else (f"-{self.name}",)

    @property
    def fields(self) -> dict[str, Any]:
        """Its members; what stands first without a name is called ''."""
        if self.value.startswith("{"):
            return dict(json.loads(self.value))
        parts = [part.replace(",,", ",") for part in _parts(self.value)]
        first = {"": parts[0]} if parts and "=" not in parts[0] else {}
        named = (part.partition("=") for part in parts[len(first) :])
        return first | {name: value if equals else "on" for name, equals, value in named}

    @property
    def kind(self) -> str:
        """What sort of device, object or back end it asks for."""
        fields = self.fields
        for name in ("driver", "qom-type", "type", "backend", ""):
            if isinstance(fields.get(name), str):
                return str(fields[name])
        return ""


def _parts(value: str) -> list[str]:
    """Split at single commas: `a,b=c,,d` is `a` and `b=c,,d`."""
    parts, rest = [], value
    while found := re.match(r"((?:[^,]|,,)*),(?!,)", rest):
        parts.append(found[1])
        rest = rest[found.end() :]
    return [*parts, rest]


def read(words: Sequence[str]) -> list[Option]:
    """The options of the words behind the program."""
    options: list[Option] = []
    for word in words:
        if re.match(r"--?[a-zA-Z]", word):
            options.append(Option(word.lstrip("-")))
        elif options:
            options[-1] = Option(options[-1].name, word)
    return options


def nodes(value: object) -> Iterator[Mapping[str, Any]]:
    """Every object in a tree, outermost first."""
    if isinstance(value, Mapping):
        yield value
        for member in value.values():
            yield from nodes(member)
    elif isinstance(value, list):
        for member in value:
            yield from nodes(member)
