"""Documents in YAML or JSON, read without anything that grows: no aliases, no tags, bounded.

PyYAML's safe loader makes the values; before that its events are counted, so that a document
of a few lines cannot become a tree of gigabytes, nor one so deep that reading it ends in recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from qcompat.errors import UNDECODABLE, FileFormatError, GuestError
from qcompat.guest.given.form import shown

MOST_BYTES = 1 << 20
_MOST_EVENTS = 200_000
_MOST_DEEP = 100
_PLAIN = "write it without anchors and aliases, as kubectl and incus do"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNITS = {
    **{f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)},
    **{unit: 1000**power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}iB": 1024**power for power, unit in enumerate("KMGTPE", 1)},
    **{f"{unit}B": 1000**power for power, unit in enumerate("kMGTPE", 1)},
    **{"": 1, "B": 1, "bytes": 1},
}
_QUANTITY = re.compile(r"(\d{1,18})(\.\d{1,9})?\s*([A-Za-z]{0,5})", re.ASCII)


def documents(data: bytes) -> tuple[Any, ...]:
    """The documents of a text. Errors: FileFormatError with what speaks against it."""
    if len(data) > MOST_BYTES:
        raise FileFormatError(f"it has more than {MOST_BYTES >> 20} MiB", "give one guest")
    try:
        text = data.decode("utf-8-sig")
        _bound(text)
        return tuple(yaml.load_all(text, Loader=_LOADER))
    except (yaml.YAMLError, AttributeError, TypeError, OverflowError, *UNDECODABLE) as error:
        reason = " ".join(str(error).split())[:200]
        raise FileFormatError(f"it is no YAML: {reason}", "correct it") from error


def _bound(text: str) -> None:
    """Refuse what grows when it is read. Errors: FileFormatError, YAMLError."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise FileFormatError("it has anchors or aliases, which are not read", _PLAIN)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_DEEP or number > _MOST_EVENTS:
            what = f"{_MOST_DEEP} levels" if depth > _MOST_DEEP else f"{_MOST_EVENTS} values"
            raise FileFormatError(f"it has more than {what}", "give one guest")


class Node(msgspec.Struct, frozen=True):
    """A value of a document and its path in it; `value` is None for one that is not there."""

    value: Any
    path: str = ""

    def __getitem__(self, key: str) -> Node:
        """A member. Errors: GuestError where this is no mapping."""
        if self.value is None:
            return Node(None, self._below(key))
        if not isinstance(self.value, dict):
            raise self._wrong("a mapping")
        return Node(self.value.get(key), self._below(key))

    def at(self, path: str) -> Node:
        """A value below, by its path with dots. Errors: GuestError."""
        node = self
        for key in path.split("."):
            node = node[key]
        return node

    def __bool__(self) -> bool:
        """Whether it is there, be it empty."""
        return self.value is not None

    def __iter__(self) -> Iterator[Node]:
        """The members of a list. Errors: GuestError where it is none."""
        if not isinstance(self.value, list | None):
            raise self._wrong("a list")
        for at, value in enumerate(self.value or ()):
            yield Node(value, f"{self.path}[{at}]")

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of a mapping by name. Errors: GuestError where it is none."""
        if not isinstance(self.value, dict | None):
            raise self._wrong("a mapping")
        for key, value in (self.value or {}).items():
            yield str(key), Node(value, self._below(str(key)))

    def text(self, default: str = "") -> str:
        """A text, or a number as one. Errors: GuestError."""
        if self.value is None:
            return default
        if isinstance(self.value, bool | dict | list) or "\0" in (said := str(self.value)):
            raise self._wrong("a text")
        return said

    def number(self, default: int = 0) -> int:
        """A whole number. Errors: GuestError."""
        if self.value is None or self.value == "":
            return default
        said = str(self.value)
        if isinstance(self.value, bool) or not re.fullmatch(r"\d{1,15}", said, re.ASCII):
            raise self._wrong("a number")
        return int(said)

    def flag(self, default: bool = False) -> bool:
        """A switch. Errors: GuestError."""
        if self.value is None or self.value == "":
            return default
        said = str(self.value).lower()
        if said not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
            raise self._wrong("true or false")
        return said in ("true", "1", "yes", "on")

    def bytes(self, default: int = 0) -> int:
        """A size with its unit: 2Gi, 512MiB, 1G. Errors: GuestError."""
        found = _QUANTITY.fullmatch(self.text().strip()) if self.value is not None else None
        if self.value is None:
            return default
        if found is None or found[3] not in _UNITS:
            raise self._wrong("a size, such as 2Gi")
        return int(float(found[1] + (found[2] or "")) * _UNITS[found[3]])

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _wrong(self, expected: str) -> GuestError:
        said = shown(str(self.value))
        return GuestError(f"{self.path or 'the document'} is {said}", f"it has to be {expected}")
