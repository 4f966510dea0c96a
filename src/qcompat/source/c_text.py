"""The text of C: strings, comments and brackets told apart, initialisers split into elements.

A scanner beside the grammar, because QEMU's initialisers are made of macros whose arguments
are types and whose commas are missing, on which a C grammar gives up:

    DEFINE_PROP_SIGNED("port", S, f, -1, qdev_prop_int32, int32_t),
    #ifdef CONFIG_X
    VMSTATE_UINT32(x, S),
    #endif
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.source.facts import Item

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v]+)|(?P<line>\n)
    |(?P<comment>/\*.*?(?:\*/|\Z)|//[^\n]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)
    |(?P<directive>^[ \t]*\#(?:[^\n\\]|\\\n|\\.)*)
    |(?P<open>[({\[])|(?P<close>[)}\]])|(?P<comma>,)
    |(?P<other>[^\s"'/\#(){}\[\],]+|.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token."""
    for match in _TOKEN.finditer(text):
        yield match.lastgroup or "other", match[0]


def plain(text: str) -> str:
    """The text on one line, without comments, with single spaces."""
    if "/" not in text and "\n" not in text and "  " not in text:
        return text.strip()
    words = (" " if kind in ("comment", "line", "space") else one for kind, one in tokens(text))
    return re.sub(r" {2,}", " ", "".join(words)).strip()


def closing(text: str, start: int) -> int:
    """The offset just past the bracket that closes the one at `start`; the end if none does."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        kind = match.lastgroup
        depth += (kind == "open") - (kind == "close")
        if depth <= 0:
            return match.end()
    return len(text)


def split(text: str) -> tuple[str, ...]:
    """The parts of an argument list, at its outermost commas, each on one line."""
    if not any(mark in text for mark in "(\"'{[/\n#"):
        return tuple(part.strip() for part in text.split(",")) if text.strip() else ()
    return tuple(plain(part) for part, _, _ in _parts(text, 1)) if text.strip() else ()


def items(text: str, line: int) -> tuple[Item, ...]:
    """The elements of an initialiser (the text between its braces) that begins on `line`."""
    return tuple(
        each
        for part, at, condition in _parts(text, line)
        for each in _items(plain(part), at, condition)
    )


def named(text: str) -> dict[str, str]:
    """The designated members of a braced initialiser, by name: `.name = "x", .parent = …`."""
    found = {}
    for part in split(text):
        if part.startswith("."):
            name, _, value = part[1:].partition("=")
            found[name.strip()] = value.strip()
    return found


def braced(text: str) -> str:
    """What lies between the first brace of the text and the one that closes it."""
    start = text.find("{")
    return text[start + 1 : closing(text, start) - 1] if start >= 0 else ""


def _items(text: str, line: int, condition: str) -> Iterator[Item]:
    """Mostly one; more where a comma is missing between macros that bring their own."""
    while text:
        match = re.match(r"(\w+)\s*\(", text)
        if not match:
            yield Item("", (text,), line, condition)
            return
        end = closing(text, match.end() - 1)
        yield Item(match[1], split(text[match.end() : end - 1]), line, condition)
        text = text[end:].strip()


def _parts(text: str, line: int) -> Iterator[tuple[str, int, str]]:
    """Text, line and preprocessor condition of each part between outermost commas."""
    depth, part, start, conditions = 0, "", 0, list[str]()
    for kind, one in tokens(text):
        if kind == "directive":
            if depth == 0 and part.strip():
                yield part, start, " && ".join(conditions)
                part = ""
            _condition(one, conditions)
        elif kind == "comma" and depth == 0:
            if part.strip():
                yield part, start, " && ".join(conditions)
            part = ""
        elif kind != "comment":
            depth += (kind == "open") - (kind == "close")
            if not part and kind not in ("space", "line"):
                start = line
            if part or kind not in ("space", "line"):
                part += one
        line += one.count("\n")
    if part.strip():
        yield part, start, " && ".join(conditions)


def _condition(directive: str, conditions: list[str]) -> None:
    """Follow `#if` … `#endif`."""
    text = plain(directive.replace("\\\n", " "))
    match = re.match(r"#\s*(\w+)\s*(.*)", text)
    if not match:
        return
    word, rest = match[1], match[2]
    if word in ("ifdef", "ifndef", "if"):
        conditions.append({"ifdef": "", "ifndef": "!", "if": ""}[word] + rest)
    elif word in ("else", "elif") and conditions:
        conditions[-1] = f"!({conditions[-1]})" + (f" && {rest}" if rest else "")
    elif word == "endif" and conditions:
        conditions.pop()
