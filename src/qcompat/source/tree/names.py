"""What a name or an expression of a file stands for: strings, numbers, and expanded macros.

A macro is looked for in its own file, then in the headers, then anywhere. Nothing is guessed:
what is no constant stays None.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from qcompat.source.c_text import items, plain
from qcompat.source.facts import FileFacts, Item, Macro

_DEPTH = 12
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|([A-Za-z_]\w*)|\(|\)|\s+')
_SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+)(?:[uU]?[lL]{0,2}[uU]?)\b")
_IDENTIFIER = re.compile(r"\b[A-Za-z_]\w*\b")
_CAST = re.compile(
    r"(?<!sizeof)\(\s*(?:const\s+)?(?:u?int(?:8|16|32|64)?_t|unsigned|int|long|bool|size_t|hwaddr)"
    r"(?:\s+(?:int|long))*\s*\)"
)
_SIZES = {
    "uint8_t": 1, "int8_t": 1, "bool": 1, "char": 1, "uint16_t": 2, "int16_t": 2, "uint32_t": 4,
    "int32_t": 4, "int": 4, "uint64_t": 8, "int64_t": 8, "target_ulong": 8, "hwaddr": 8,
}  # fmt: skip
_SIZEOF = re.compile(rf"\bsizeof\s*\(\s*({'|'.join(_SIZES)})\s*\)")
_LIMITS = {
    "UINT8_MAX": 0xFF, "UINT16_MAX": 0xFFFF, "UINT32_MAX": 0xFFFFFFFF,
    "UINT64_MAX": 0xFFFFFFFFFFFFFFFF, "INT32_MAX": 0x7FFFFFFF, "INT64_MAX": (1 << 63) - 1,
    "INT32_MIN": -(1 << 31), "INT64_MIN": -(1 << 63), "SIZE_MAX": 0xFFFFFFFFFFFFFFFF,
    "INT_MAX": 0x7FFFFFFF, "UINT_MAX": 0xFFFFFFFF, "UCHAR_MAX": 255, "ULONG_MAX": (1 << 64) - 1,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "true": 1, "false": 0,
    "TRUE": 1, "FALSE": 0, "NULL": 0, "TARGET_PAGE_SIZE": 4096,
}  # fmt: skip


def _shift(one: int, by: int) -> int:
    return one << by if 0 <= by < 128 else 0


_BINARY: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.FloorDiv: lambda one, by: one // by if by else 0, ast.LShift: _shift,
    ast.RShift: lambda one, by: one >> by if 0 <= by < 128 else 0,
    ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.BitXor: operator.xor,
    ast.Mod: lambda one, by: one % by if by else 0,
}  # fmt: skip


class Names:
    """The macros of a tree."""

    def __init__(self, files: Mapping[str, FileFacts]) -> None:
        self._files = files

    def text(self, expression: str, file: str) -> str | None:
        """The string that an expression is: literals and macros of such, joined."""
        if not expression:
            return None
        if expression[0] == '"' and expression.find('"', 1) == len(expression) - 1:
            return expression[1:-1]
        return self._text(expression, file, _DEPTH)

    def number(self, expression: str, file: str) -> int | None:
        """The integer that a constant expression is."""
        if expression.isdigit() and (expression == "0" or expression[0] != "0"):
            return int(expression)
        return self._number(expression, file, _DEPTH)

    def define(self, name: str, file: str) -> str | None:
        """The text of a macro without parameters, or of a member of an enumeration."""
        own = self._files[file].defines if file in self._files else {}
        return own.get(name) or self._shared.get(name)

    def macro(self, name: str, file: str) -> Macro | None:
        """A function-like macro."""
        own = self._files[file].macros if file in self._files else {}
        return own.get(name) or self._macros.get(name)

    def expand(self, item: Item, file: str) -> Iterator[Item] | None:
        """The elements that a macro of a list brings, or None where it is none that is known."""
        macro = self.macro(item.macro, file) if item.macro else None
        if macro is None:
            name = item.macro or item.arguments[0]
            body = self.define(name, file) if name.isidentifier() else None
            return None if body is None else _placed(body, item)
        return _placed(substitute(macro, item.arguments), item)

    @cached_property
    def _shared(self) -> dict[str, str]:
        """Headers first, so that a source file's own macro never hides one of a header."""
        found: dict[str, str] = {}
        for path in sorted(self._files, key=lambda each: (not each.endswith(".h"), each)):
            for name, text in self._files[path].defines.items():
                found.setdefault(name, text)
        return found

    @cached_property
    def _macros(self) -> dict[str, Macro]:
        found: dict[str, Macro] = {}
        for path in sorted(self._files, key=lambda each: (not each.endswith(".h"), each)):
            for name, macro in self._files[path].macros.items():
                found.setdefault(name, macro)
        return found

    def _text(self, expression: str, file: str, depth: int) -> str | None:
        parts, at = [], 0
        if depth <= 0 or len(expression) > 4000:
            return None
        call = re.fullmatch(r"(\w+)\s*\((.*)\)", expression)
        if call and (macro := self.macro(call[1], file)):
            body = substitute(macro, (call[2],))
            return self._text(body, file, depth - 1)
        while at < len(expression):
            match = _WORD.match(expression, at)
            if match is None:
                return None
            at = match.end()
            if match[1] is not None:
                parts.append(match[1])
            elif match[2]:
                below = self.define(match[2], file)
                one = None if below is None else self._text(below, file, depth - 1)
                if one is None:
                    return None
                parts.append(one)
        return "".join(parts) if parts else None

    def _number(self, expression: str, file: str, depth: int) -> int | None:
        if depth <= 0 or len(expression) > 400:
            return None
        text = _SUFFIX.sub(lambda match: str(int(match[1], 0) if match[1].strip("0") == "" or
                           match[1][0] != "0" or match[1][1:2] in "xX" else int(match[1], 8)),
                           _CAST.sub("", expression))  # fmt: skip
        text = _SIZEOF.sub(lambda match: str(_SIZES[match[1]]), text)
        text = re.sub(r"\bBIT(?:_ULL|64)?\s*\(", "(1<<", text)
        text = text.replace("&&", " and ").replace("||", " or ").replace("/", "//")
        text = re.sub(r"!(?!=)", " not ", text)
        values: dict[str, int] = {}
        for name in set(_IDENTIFIER.findall(text)) - {"and", "or", "not"}:
            value = _LIMITS.get(name)
            if value is None and (below := self.define(name, file)) is not None:
                value = self._number(below, file, depth - 1)
            if value is None:
                return None
            values[name] = value
        try:
            return _evaluate(ast.parse(text.strip(), mode="eval").body, values)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None


def substitute(macro: Macro, arguments: tuple[str, ...]) -> str:
    """The body of a macro with arguments in place of its parameters."""
    names = dict(zip(macro.parameters, arguments, strict=False))
    if macro.parameters and macro.parameters[-1] == "...":
        names["__VA_ARGS__"] = ", ".join(arguments[len(macro.parameters) - 1 :])
    body = re.sub(
        r"(?<!#)#\s*(\w+)", lambda match: f'"{names.get(match[1], match[1])}"', macro.body
    )
    body = _IDENTIFIER.sub(lambda match: names.get(match[0], match[0]), body)
    return re.sub(r"\s*##\s*", "", body)


def _placed(body: str, item: Item) -> Iterator[Item]:
    for each in items(plain(body), item.line):
        yield Item(each.macro, each.arguments, item.line, item.condition)


def _evaluate(node: ast.expr, values: Mapping[str, int]) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.UnaryOp):
        one = _evaluate(node.operand, values)
        if one is None:
            return None
        if isinstance(node.op, ast.Not):
            return int(not one)
        return {ast.USub: -one, ast.Invert: ~one}.get(type(node.op), one)
    if isinstance(node, ast.BinOp):
        left, right = _evaluate(node.left, values), _evaluate(node.right, values)
        action = _BINARY.get(type(node.op))
        return None if left is None or right is None or action is None else action(left, right)
    return None
