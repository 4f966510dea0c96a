"""The outer structure of a C file: its initialised variables and its functions.

tree-sitter reads it. Macros that look like no C leave holes in what it reads; QEMU writes
every definition at the left margin, so what it missed is found by that, and said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tree_sitter import Language, Node, Parser
from tree_sitter_c import language

from qcompat.source.c_text import closing, plain

KINDS = ("Property", "GlobalProperty", "TypeInfo", "VirtioPCIDeviceTypeInfo", "VMStateDescription")

_VARIABLE = re.compile(
    r"^[ \t]*(?:(?:static|const|extern)\s+)*(" + "|".join(KINDS) + r")\s+(?:const\s+)?"
    r"(\w+)\s*((?:\[\w*\])*)\s*=\s*(?:\{|(?=\w+\s*\())",
    re.MULTILINE,
)
_FUNCTION = re.compile(r"^(?![#\s}/])[\w][\w\s*]*?\b(\w+)\s*\(([^;{}]*)\)\s*\n\{", re.MULTILINE)
_CONTAINERS = frozenset(
    ("translation_unit", "preproc_ifdef", "preproc_if", "preproc_else", "preproc_elif",
     "preproc_elifdef", "linkage_specification", "declaration_list", "ERROR")
)  # fmt: skip


class Variable(NamedTuple):
    """`kind name = text`, where text is the initialiser with its braces."""

    kind: str
    name: str
    text: str
    line: int
    function: str
    is_array: bool
    start: int


class Body(NamedTuple):
    """A function with its text, from its name to its last brace; `node` where it was parsed."""

    name: str
    text: str
    line: int
    start: int
    node: Node | None


class Outline(NamedTuple):
    """What a file defines. `missed` counts what only the left margin showed."""

    variables: tuple[Variable, ...]
    functions: tuple[Body, ...]
    missed: int


def outline(content: str) -> Outline:
    """The variables and functions of a file."""
    text = content
    raw = content.encode("latin-1", "replace")
    root = _parser().parse(raw).root_node
    parsed = {each.name: each for each in _parsed(root, text)}
    margin = {each.name: each for each in _by_margin(text)}
    functions = [*parsed.values(), *(one for name, one in margin.items() if name not in parsed)]
    functions.sort(key=lambda each: each.start)
    variables = tuple(_variables(text, functions))
    return Outline(variables, tuple(functions), len(margin.keys() - parsed.keys()))


@cache
def _parser() -> Parser:
    return Parser(Language(language()))


def _parsed(root: Node, text: str) -> Iterator[Body]:
    """Functions that the grammar sees, without recursion: nesting may be hostile."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "function_definition":
            if name := _name(node):
                part = text[node.start_byte : node.end_byte]
                yield Body(name, part, node.start_point[0] + 1, node.start_byte, node)
        elif node.type in _CONTAINERS:
            waiting.extend(reversed(node.named_children))


def _name(node: Node) -> str:
    """The identifier that a function's declarator is about."""
    found = node.child_by_field_name("declarator")
    while found is not None and found.type != "identifier":
        found = found.child_by_field_name("declarator")
    return found.text.decode() if found is not None and found.text else ""


def _by_margin(text: str) -> Iterator[Body]:
    for match in _FUNCTION.finditer(text):
        end = text.find("\n}", match.end())
        if end >= 0:
            line = text.count("\n", 0, match.start()) + 1
            yield Body(match[1], text[match.start() : end + 2], line, match.start(), None)


def _variables(text: str, functions: list[Body]) -> Iterator[Variable]:
    line, last = 1, 0
    for match in _VARIABLE.finditer(text):
        line += text.count("\n", last, match.start(1))
        last = match.start(1)
        start = match.end()
        if text[start - 1] == "{":
            value = text[start - 1 : closing(text, start - 1)]
        else:
            value = text[start : closing(text, text.find("(", start))]
        at = line + text.count("\n", match.start(1), start)
        function = _around(functions, match.start())
        yield Variable(match[1], match[2], value, at, function, bool(match[3]), match.start())


def _around(functions: list[Body], offset: int) -> str:
    """The function that an offset lies in."""
    for each in functions:
        if each.start <= offset < each.start + len(each.text):
            return each.name
    return ""


def around(node: Node | None, kind: str) -> Iterator[Node]:
    """The nodes of a kind that a node lies in, the nearest first."""
    while node is not None:
        node = node.parent
        if node is not None and node.type == kind:
            yield node


def calls(node: Node) -> Iterator[tuple[Node, str]]:
    """The calls of plain functions below a node, in the order of the text."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "call_expression":
            function = one.child_by_field_name("function")
            if function is not None and function.type == "identifier" and function.text:
                yield one, function.text.decode()
        waiting.extend(reversed(one.named_children))


def guards(node: Node) -> tuple[str, ...]:
    """The conditions of the `if`s around a node; those of an `else` with a `!` before them."""
    found = []
    child: Node = node
    for one in _ancestors(node):
        if one.type == "if_statement":
            condition = one.child_by_field_name("condition")
            if condition is not None and condition.text and not _same(condition, child):
                text = plain(condition.text.decode("latin-1"))
                found.append(
                    text if _same(one.child_by_field_name("consequence"), child) else "!" + text
                )
        child = one
    return tuple(found)


def _ancestors(node: Node) -> Iterator[Node]:
    one = node.parent
    while one is not None and one.type != "function_definition":
        yield one
        one = one.parent


def _same(one: Node | None, other: Node) -> bool:
    return one is not None and one.id == other.id
