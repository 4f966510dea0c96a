"""Preprocessor macros of a file that facts may need: plain constants, and lists of elements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.source.c_text import plain
from qcompat.source.facts import Macro

_OBJECT = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+((?:[^\n\\]|\\\r?\n|\\.)+)", re.MULTILINE
)
_FUNCTION = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+(\w+)\(([^)\n]*(?:\\\n[^)\n]*)*)\)[ \t]*((?:[^\n\\]|\\\r?\n|\\.)*)",
    re.MULTILINE,
)
_ENUM = re.compile(r"\benum\b\s*\w*\s*\{([^{}]*)\}")
_ENUM_MEMBER = re.compile(r"^\s*([A-Z]\w*)\s*(?:=\s*([^,]+))?$")
_CONSTANT = re.compile(r"[\w\s\"'().,+*/%<>|&~:?\-\\]{1,160}")
_WORDS = ("TYPE", "DEFINE_", "VMSTATE_", "_PROP", "MACHINE", "GlobalProperty", "_MODEL_IDS")
_RELEVANT = re.compile(
    r"TYPE_|DEFINE_|VMSTATE_|_PROP|MACHINE|TypeInfo|\.name\b|\.info\b|\.vmsd\b|GlobalProperty|"
    r"_MODEL_IDS"
)


def read_defines(text: str) -> dict[str, str]:
    """Macros without parameters whose value may be a constant, the first of each name."""
    found: dict[str, str] = {}
    if "#" in text:
        for match in _OBJECT.finditer(text):
            value = match[2].replace("\\\r\n", " ").replace("\\\n", " ")
            value = plain(value) if "/" in value or "  " in value else value.strip()
            if value and (_CONSTANT.fullmatch(value) or "DEFINE_PROP" in value):
                found.setdefault(match[1], value)
    return found


def read_enums(text: str) -> Iterator[tuple[str, str]]:
    """The members of enumerations, each with its value as an expression."""
    for match in _ENUM.finditer(text):
        previous = ""
        for part in plain(match[1]).split(","):
            if not (member := _ENUM_MEMBER.match(part)):
                previous = "?"
                continue
            value = (member[2] or "").strip() or (f"({previous}) + 1" if previous else "0")
            if len(value) > 120:
                break
            yield member[1], value
            previous = member[1]


def read_macros(text: str) -> dict[str, Macro]:
    """Function-like macros that make properties, fields, types or machine types."""
    if not any(word in text for word in _WORDS):
        return {}
    return {
        match[1]: Macro(_names(match[2]), _joined(match[3]))
        for match in _FUNCTION.finditer(text)
        if _RELEVANT.search(match[1]) or _RELEVANT.search(match[3])
    }


def _names(text: str) -> tuple[str, ...]:
    names = (name.strip() for name in text.replace("\\", " ").replace("\n", " ").split(","))
    return tuple(name for name in names if name)


def _joined(text: str) -> str:
    return plain(text.replace("\\\r\n", " ").replace("\\\n", " "))
