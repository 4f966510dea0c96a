"""What functions do to classes and machine types, and the tests that decide what is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.source.c_text import closing, plain, split
from qcompat.source.facts import Description, Function, Test
from qcompat.source.syntax import Body, Outline

_STEP = re.compile(r"\b(compat_props_add|[A-Za-z_]\w*)\s*\(")
_PROPERTY = re.compile(
    r"\b(?:object(?:_class)?_property_add\w*|qdev_property_add_static|"
    r"device_class_set_props(?:_n)?|qdev_alias_all_properties)\s*\("
)
_OLD_PROPS = re.compile(r"(?:->|\.)props\s*=\s*(\w+)\s*;")
_VMSD = re.compile(r"(?:->|\.)vmsd\s*=\s*&(\w+)")
_REGISTERED = re.compile(r"\bvmstate_register\w*\s*\(")
_INTERNAL = re.compile(r"user_creatable\s*=\s*false|cannot_instantiate\w*\s*=\s*true")
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CLASS_NAMES = frozenset(
    ("klass", "oc", "class", "dc", "m", "mc", "c", "machine", "k", "pc", "obj", "dev")
)


def read_functions(found: Outline) -> tuple[Function, ...]:
    """The functions that contribute something."""
    read = (_function(each) for each in found.functions)
    return tuple(each for each in read if _says_something(each))


def read_tests(found: Outline, descriptions: tuple[Description, ...]) -> tuple[Test, ...]:
    """The functions that decide whether a description or a field is sent, and short helpers."""
    wanted = {each.needed for each in descriptions}
    wanted |= {
        word
        for each in descriptions
        for item in each.fields
        for word in item.arguments
        if word.isidentifier()
    }
    return tuple(
        Test(each.name, plain(each.text[each.text.find("{") :]), each.line)
        for each in found.functions
        if each.name in wanted
    )


def _says_something(each: Function) -> bool:
    return bool(
        each.arrays
        or each.steps
        or each.added
        or each.is_dynamic
        or each.descriptions
        or each.is_internal
    )


def _function(body: Body) -> Function:
    text = body.text[body.text.find("{") :]
    arrays, added, dynamic = _properties(text)
    return Function(
        name=body.name,
        line=body.line,
        arrays=arrays,
        steps=tuple(_steps(text)),
        added=added,
        is_dynamic=dynamic,
        descriptions=tuple(_descriptions(text)),
        is_internal=bool(_INTERNAL.search(text)),
    )


def _properties(text: str) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The arrays that are set, the properties that are added by name, and whether more are."""
    arrays = list(_OLD_PROPS.findall(text)) if "props" in text else []
    added: list[str] = []
    dynamic = False
    if "propert" in text or "set_props" in text:
        for match in _PROPERTY.finditer(text):
            words = split(text[match.end() : closing(text, match.end() - 1) - 1])
            if len(words) < 2:
                continue
            if "set_props" in match[0]:
                arrays.append(words[1])
            elif "add_static" in match[0]:
                arrays.append(words[1].lstrip("&"))
            elif literal := _LITERAL.fullmatch(words[1]):
                added.append(literal[1])
            elif re.fullmatch(r"[A-Z][A-Z0-9_]+", words[1]):
                added.append(words[1])
            else:
                dynamic = True
    return tuple(arrays), tuple(added), dynamic


def _steps(text: str) -> Iterator[tuple[str, str]]:
    """Tables that are added and calls that pass a class on."""
    for match in _STEP.finditer(text):
        name = match[1]
        if name == "compat_props_add":
            words = split(text[match.end() : closing(text, match.end() - 1) - 1])
            if len(words) > 1:
                yield "add", words[1]
        elif name.islower() or "_" in name:
            end = text.find(")", match.end())
            first = text[match.end() : end].split(",")[0].strip()
            if (first in _CLASS_NAMES or re.match(r"\w+\((?:klass|oc|dc|m)\Z", first)) and (
                "class" in name
                or "option" in name
                or "compat" in name
                or "init" in name
                or "prop" in name
            ):
                yield "call", name


def _descriptions(text: str) -> Iterator[str]:
    if "vmsd" in text:
        yield from _VMSD.findall(text)
    if "vmstate_register" in text:
        for match in _REGISTERED.finditer(text):
            words = split(text[match.end() : closing(text, match.end() - 1) - 1])
            yield from (word.lstrip("&") for word in words if word.startswith("&"))
