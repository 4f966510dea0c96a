"""Compat tables (arrays of `GlobalProperty`) and the macros that define machine types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.source.c_text import braced, closing, items, named, split
from qcompat.source.facts import Entry, Item, MachineUse, Table
from qcompat.source.syntax import Outline

_MACHINE = re.compile(r"^[ \t]*(DEFINE_\w*MACHINE\w*)[ \t]*\(", re.MULTILINE)


def read_tables(found: Outline) -> tuple[Table, ...]:
    """Each array with its rows; arrays that only pass values on have none."""
    return tuple(
        Table(each.name, each.function, tuple(_entries(each.text, each.line)), each.line)
        for each in found.variables
        if each.kind == "GlobalProperty" and each.is_array
    )


def read_machines(text: str) -> tuple[MachineUse, ...]:
    """The uses of such macros at the left margin; their definitions are directives."""
    return tuple(
        MachineUse(
            match[1],
            split(text[match.end() : closing(text, match.end() - 1) - 1]),
            text.count("\n", 0, match.start(1)) + 1,
        )
        for match in _MACHINE.finditer(text)
        if not text[: match.start()].endswith("\\\n")
    )


def _entries(text: str, line: int) -> Iterator[Entry]:
    for item in items(braced(text), line):
        if not item.macro and item.arguments[0].startswith("{"):
            entry = entry_of(item)
            if entry.driver and entry.driver != "NULL":
                yield entry
        elif item.macro:
            yield Entry(f"{item.macro}({', '.join(item.arguments)})", "", "", item.line)


def entry_of(item: Item) -> Entry:
    inside = braced(item.arguments[0])
    plain = [part for part in split(inside) if not part.startswith(".")]
    by_name = named(inside)
    fields = [
        by_name.get(name, plain[at] if at < len(plain) else "")
        for at, name in enumerate(("driver", "property", "value"))
    ]
    optional = by_name.get("optional") in ("true", "1")
    return Entry(fields[0], fields[1], fields[2], item.line, optional)
