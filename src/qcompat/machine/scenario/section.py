"""Reading tables of a TOML file so that all of its problems are found at once.

A `Section` takes keys out of one table; it notes problems with the key's path and returns a
harmless value, so that reading goes on. `close` notes keys that were never read as unknown.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

Content = Mapping[str, Any]


class Problem(msgspec.Struct, frozen=True):
    """What is wrong at `path`, and what to do about it."""

    path: str
    message: str
    hint: str = ""


class Problems:
    """The problems of one file, in the order in which they were found."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def note(self, path: str, message: str, hint: str = "") -> None:
        """Remember a problem."""
        self.found.append(Problem(path, message, hint))

    def unknown(self, path: str, what: str, name: str, known: Iterable[str]) -> None:
        """Remember that `name` is not among the `known`."""
        self.note(path, f"there is no {what} {name!r}", suggestion(name, known))


class Section:
    """One table of the file, at `path`."""

    def __init__(self, content: Content, path: str, problems: Problems) -> None:
        self._content = content
        self._asked: set[str] = set()
        self._inner: list[Section] = []
        self.path = path
        self.problems = problems

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def at(self, key: str) -> str:
        """The path of a key as TOML spells it."""
        spelled = key if key.replace("-", "").replace("_", "").isalnum() else f'"{key}"'
        return f"{self.path}.{spelled}" if self.path else spelled

    def note(self, key: str, message: str, hint: str = "") -> None:
        """Remember a problem of a key."""
        self.problems.note(self.at(key), message, hint)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default it must be there, and not be empty."""
        value = self._take(key)
        if value is None and default is None:
            self.note(key, "is missing")
        elif value == "" and default is None:
            self.note(key, "must not be empty")
        elif value is not None and not isinstance(value, str):
            self.note(key, f"must be a string, not {_kind(value)}")
        return value if isinstance(value, str) else default or ""

    def number(self, key: str, default: int) -> int:
        """A positive whole number."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.note(key, "must be a whole number above 0")
            return default
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of some words."""
        value = self.text(key, default)
        if value in choices:
            return value
        self.note(
            key, f"must be one of {', '.join(map(repr, choices))}", suggestion(value, choices)
        )
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._take(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        self.note(key, "must be a list of strings")
        return ()

    def values(self, key: str) -> dict[str, str]:
        """A table of property values as QEMU spells them."""
        section = self.section(key)
        return {name: section.value(name) for name in section.names()}

    def value(self, key: str) -> str:
        """One property value: true is `on`, a number its digits."""
        value = self._take(key)
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, int | str):
            return str(value)
        self.note(key, f"must be a value of a property, not {_kind(value)}")
        return ""

    def settings(self, key: str) -> dict[str, dict[str, str]]:
        """Values by type and property: `{ pci-device.x-pcie-err-unc-mask = "on" }`."""
        section = self.section(key)
        return {driver: section.values(driver) for driver in section.names()}

    def section(self, key: str) -> Section:
        """A table; an empty one where it is absent."""
        value = self._take(key)
        if value is not None and not isinstance(value, dict):
            self.note(key, f"must be a table, not {_kind(value)}")
        content = value if isinstance(value, dict) else {}
        return self._open(content, self.at(key))

    def sections(self, key: str) -> Iterator[tuple[str, Section]]:
        """The tables in a table, by name."""
        section = self.section(key)
        yield from ((name, section.section(name)) for name in section.names())

    def rows(self, key: str) -> Iterator[Section]:
        """The tables in a list."""
        value = self._take(key)
        if value is not None and not isinstance(value, list):
            self.note(key, f"must be a list of tables ([[{key}]]), not {_kind(value)}")
            return
        for number, row in enumerate(value or (), 1):
            path = f"{self.at(key)}[{number}]"
            if isinstance(row, dict):
                yield self._open(row, path)
            else:
                self.problems.note(path, f"must be a table, not {_kind(row)}")

    def raw(self, key: str) -> Any:
        """The value as it is, for the caller to check."""
        return self._take(key)

    def names(self) -> tuple[str, ...]:
        """The keys of this table."""
        return tuple(self._content)

    def close(self) -> None:
        """Note every key that was not read or has no name, here and in the tables inside."""
        for key in self._content:
            if not key:
                self.note(key, "must not be empty: it is a name")
            elif key not in self._asked:
                self.note(key, "is not a key of this table", suggestion(key, self._asked))
        for inner in self._inner:
            inner.close()

    def _open(self, content: Content, path: str) -> Section:
        inner = Section(content, path, self.problems)
        self._inner.append(inner)
        return inner

    def _take(self, key: str) -> Any:
        self._asked.add(key)
        return self._content.get(key)


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest of the known names, or all of a few."""
    names = list(dict.fromkeys(known))
    if near := difflib.get_close_matches(name, names, 1):
        return f"did you mean {near[0]}?"
    return f"known: {', '.join(names)}" if names else ""


def _kind(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        str: "a string",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), f"a {type(value).__name__}")
