"""Text that a terminal can be trusted with, and short lists and tables of it, without rich.

Messages of QEMU and values from portrait files are foreign: an escape sequence in one of
them would reach the reader's terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

_MOST = 24


class Writable(Protocol):
    """What text can be written to: a stream or an `Output`."""

    def write(self, text: str, /) -> object: ...


def printable(text: str) -> str:
    r"""The text with every character that does not print, but the newline, written as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def listed(names: Sequence[str], *, most: int = _MOST, verbose: bool = False) -> str:
    """`avx, avx2 and 3 more`; all of them where `verbose` asks for it."""
    if verbose or len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def counted(number: int, noun: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def write_columns(rows: Sequence[Sequence[str]], out: Writable, indent: str = "") -> None:
    """Rows of equally many cells, columns as wide as their widest, no blanks at line ends."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (printable(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        out.write((indent + "  ".join(cells)).rstrip() + "\n")
