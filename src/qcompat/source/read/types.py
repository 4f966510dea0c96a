"""QOM types: `TypeInfo`s, arrays of them, virtio's PCI types, and the macros that make types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.source.c_text import braced, closing, items, named, split
from qcompat.source.facts import Lost, TypeInfo
from qcompat.source.syntax import Outline, Variable

_MACRO = re.compile(r"^OBJECT_DEFINE_(\w*TYPE\w*)\s*\(", re.MULTILINE)
_TYPE_NAME = re.compile(r"\bTYPE_\w+")
_NAMING = ("DEF_FEAT(", "property_add", "TypeInfo", "Property ", "DEFINE_PROP")
_LITERAL = re.compile(r'"([A-Za-z0-9][\w.+-]{1,47})"')
_PLAIN = re.compile(r'(?:\s*(?:"(?:[^"\\]|\\.)*"|[A-Z_]\w*|\w+\s*\(\s*"?\w[\w.-]*"?\s*\)))+\s*')


def read_types(text: str, found: Outline) -> tuple[tuple[TypeInfo, ...], tuple[Lost, ...]]:
    """The types, and those whose name is computed."""
    types = [*_variables(found), *_macros(text)]
    lost = [
        Lost(each.line, f"the type {each.name or 'without name'}", "its name is computed")
        for each in types
        if not each.siblings and not _PLAIN.fullmatch(each.name)
    ]
    kept = (each for each in types if each.siblings or _PLAIN.fullmatch(each.name))
    return tuple(kept), tuple(lost)


def read_mentions(text: str) -> tuple[str, ...]:
    """The names of types that a file mentions by macro."""
    return tuple(sorted(set(_TYPE_NAME.findall(text))))


def read_literals(text: str) -> tuple[str, ...]:
    """The short strings of a file that adds properties or types whose names are computed."""
    if not any(word in text for word in _NAMING):
        return ()
    return tuple(sorted(set(_LITERAL.findall(text))))


def _variables(found: Outline) -> Iterator[TypeInfo]:
    for each in found.variables:
        if each.kind == "VirtioPCIDeviceTypeInfo":
            yield _virtio(each)
        elif each.kind == "TypeInfo" and each.is_array:
            for item in items(braced(each.text), each.line):
                if not item.macro and item.arguments[0].startswith("{"):
                    yield _plain(item.arguments[0], item.line, item.condition)
        elif each.kind == "TypeInfo" and each.text.startswith("{"):
            yield _plain(each.text, each.line)


def _plain(text: str, line: int, condition: str = "") -> TypeInfo:
    members = named(braced(text))
    return TypeInfo(
        name=members.get("name", ""),
        parent=members.get("parent", ""),
        line=line,
        is_abstract=members.get("abstract", "") in ("true", "1"),
        class_init=members.get("class_init", ""),
        instance_init=members.get("instance_init", ""),
        interfaces=_interfaces(members.get("interfaces", "")),
        condition=condition,
    )


def _virtio(variable: Variable) -> TypeInfo:
    members = named(braced(variable.text))
    kinds = ("generic_name", "transitional_name", "non_transitional_name")
    return TypeInfo(
        name=members.get("base_name", ""),
        parent=members.get("parent", "TYPE_VIRTIO_PCI"),
        line=variable.line,
        class_init=members.get("class_init", ""),
        instance_init=members.get("instance_init", ""),
        interfaces=_interfaces(members.get("interfaces", "")),
        siblings=tuple(members.get(kind, "") for kind in kinds),
    )


def _interfaces(text: str) -> tuple[str, ...]:
    inner = (braced(part).strip() for part in split(braced(text)))
    return tuple(part for part in inner if part and part != "NULL" and part != "0")


def _macros(text: str) -> Iterator[TypeInfo]:
    """`OBJECT_DEFINE_TYPE(MyDevice, my_device, MY_DEVICE, DEVICE)` and its kin."""
    for match in _MACRO.finditer(text):
        words = split(text[match.end() : closing(text, match.end() - 1) - 1])
        if len(words) >= 4:
            yield TypeInfo(
                name=f"TYPE_{words[2]}",
                parent=f"TYPE_{words[3]}",
                line=text.count("\n", 0, match.start()) + 1,
                is_abstract="ABSTRACT" in match[1],
                class_init=f"{words[1]}_class_init",
                instance_init=f"{words[1]}_init",
            )
