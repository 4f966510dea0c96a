"""Plain tables: columns as wide as their widest cell, no blanks at line ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from qcompat.report.terminal.plain import printable


def write_columns(rows: Sequence[Sequence[str]], out: TextIO, indent: str = "") -> None:
    """Write rows of equally many cells."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (printable(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        out.write((indent + "  ".join(cells)).rstrip() + "\n")
