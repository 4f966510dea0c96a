"""Text that a terminal can be trusted with.

Messages of QEMU and values from portrait files are foreign: an escape sequence in one of
them would reach the reader's terminal.
"""

from __future__ import annotations


def printable(text: str) -> str:
    r"""The text with every character that does not print, but the newline, written as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
