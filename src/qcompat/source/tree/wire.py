"""What a field of a state description is on the wire: kind, size, count and conditions.

Names are not on the wire. A macro is expanded to the initialiser it stands for, where the tree
has its definition, so that two spellings of one field are equal.
"""

from __future__ import annotations

import re

import msgspec

from qcompat.source.c_text import braced, named
from qcompat.source.facts import Item
from qcompat.source.tree.names import Names

_DEPTH = 10
_IGNORED = frozenset(("name", "offset", "err_hint"))
_WIDTHS = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
    "int64": 8, "uint64": 8, "uint8_t": 1, "uint16_t": 2, "uint32_t": 4, "uint64_t": 8,
    "int8_t": 1, "int16_t": 2, "int32_t": 4, "int64_t": 8,
}  # fmt: skip
_ARRAY = re.compile(r"VMSTATE_(?:U?INT(8|16|32|64)|BOOL)_ARRAY(?:_V)?\Z")
_SIZE = re.compile(r"VMSTATE_U?INT(8|16|32|64)(?:_V|_TEST|_EQUAL\w*|_LE|_POSITIVE_LE)?\Z")


class Field(msgspec.Struct, frozen=True):
    """A field: `name` of the member, `wire` what it is, `test` the function that decides it.

    `since` is the version from which on it is sent, as it is spelled; `size` in bytes where that
    is known.
    """

    name: str
    wire: tuple[str, ...]
    test: str
    since: str
    size: int | None
    line: int
    macro: str


def field_of(item: Item, file: str, names: Names) -> Field:
    """A field as it is on the wire."""
    name = item.arguments[0] if item.arguments else ""
    members = _members(item, file, names, _DEPTH)
    size = _size(item, names, file)
    if members is None:
        test = next((each for each in item.arguments[2:] if "_TEST" in item.macro), "")
        since = _since(item)
        return Field(
            name, (item.macro, *item.arguments[2:]), test, since, size, item.line, item.macro
        )
    test = members.get("field_exists", "").strip("() ")
    since = members.get("version_id", "0").strip("() ")
    kind = members.get("info", "").strip("&() ").removeprefix("vmstate_info_")
    shared = {key: text for key, text in members.items() if key not in _IGNORED}
    shared.pop("version_id", None)
    shared.pop("field_exists", None)
    if kind in _WIDTHS:
        size = size or _WIDTHS[kind]
        shared["info"] = f"{_WIDTHS[kind]} bytes"
        shared.pop("size", None)
    if "num_offset" in shared:
        shared["num_offset"] = "counted"
    if "size" in shared and "typeof_field" in shared["size"]:
        shared["size"] = "of the member"
    wire = tuple(f"{key}={shared[key]}" for key in sorted(shared))
    return Field(
        name, wire, "" if test in ("NULL", "0") else test, since, size, item.line, item.macro
    )


def _members(item: Item, file: str, names: Names, depth: int) -> dict[str, str] | None:
    if not item.macro and item.arguments and item.arguments[0].startswith("{"):
        return named(braced(item.arguments[0]))
    inner = names.expand(item, file) if depth else None
    if inner is None:
        return None
    elements = list(inner)
    return _members(elements[0], file, names, depth - 1) if len(elements) == 1 else None


def _since(item: Item) -> str:
    """The version of `VMSTATE_…_V(field, state, version)` where its macro is not known."""
    return item.arguments[2] if item.macro.endswith("_V") and len(item.arguments) > 2 else "0"


def _size(item: Item, names: Names, file: str) -> int | None:
    if item.macro.startswith("VMSTATE_UNUSED") and item.arguments:
        return names.number(item.arguments[-1], file)
    if match := _ARRAY.match(item.macro):
        count = names.number(item.arguments[2], file) if len(item.arguments) > 2 else None
        return None if count is None else count * (int(match[1] or 8) // 8)
    if item.macro.startswith("VMSTATE_UINTTL") and "ARRAY" not in item.macro:
        return 8
    match = _SIZE.match(item.macro)
    if match:
        return int(match[1]) // 8
    return 1 if item.macro.startswith("VMSTATE_BOOL") and "ARRAY" not in item.macro else None
