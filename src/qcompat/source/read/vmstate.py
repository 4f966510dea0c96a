"""`VMStateDescription`s: versions, fields, subsections, and what decides that one is sent."""

from __future__ import annotations

import re

from qcompat.source.c_text import braced, items, plain, split
from qcompat.source.facts import Description, Item
from qcompat.source.syntax import Outline, Variable

_END = frozenset(("VMSTATE_END_OF_LIST", "NULL"))


def read_descriptions(found: Outline) -> tuple[Description, ...]:
    """Each description as it is spelled."""
    return tuple(
        one
        for each in found.variables
        if each.kind == "VMStateDescription" and each.text.startswith("{")
        for one in [_description(each)]
    )


def _description(variable: Variable) -> Description:
    members = _members(variable)
    spelled = {name: text for name, (text, _) in members.items()}
    return Description(
        variable=variable.name,
        name=plain(spelled.get("name", "")),
        line=variable.line,
        version=plain(spelled.get("version_id", "0")),
        minimum=plain(spelled.get("minimum_version_id", "0")),
        needed=plain(spelled.get("needed", "")),
        is_unmigratable="unmigratable" in spelled,
        fields=_fields(*members["fields"]) if "fields" in members else (),
        subsections=_subsections(spelled.get("subsections", "")),
    )


_MEMBER = re.compile(r"\.(\w+)\s*=\s*")


def _members(variable: Variable) -> dict[str, tuple[str, int]]:
    """The text and line of each member of the initialiser, its nesting kept."""
    found = {}
    inside = braced(variable.text)
    for match in _MEMBER.finditer(inside):
        name = match[1]
        if name in found or inside[: match.start()].count("{") != inside[: match.start()].count(
            "}"
        ):
            continue
        end = _end(inside, match.end())
        line = variable.line + inside.count("\n", 0, match.end())
        found[name] = (inside[match.end() : end], line)
    return found


def _end(text: str, start: int) -> int:
    """Where a member's value ends: at its comma, or past the braces of its list."""
    depth = 0
    for at in range(start, len(text)):
        one = text[at]
        depth += (one in "({") - (one in ")}")
        if one == "," and depth == 0:
            return at
    return len(text)


def _fields(text: str, line: int) -> tuple[Item, ...]:
    start = text.find("{")
    line += text.count("\n", 0, start + 1)
    found = items(braced(text), line)
    return tuple(each for each in found if each.macro not in _END and each.arguments != ("{ 0 }",))


def _subsections(text: str) -> tuple[str, ...]:
    names = (part.lstrip("&( ").rstrip(") ") for part in split(braced(text)))
    return tuple(name for name in names if name and name not in _END)
