"""Wrapped lines with a hanging indent, and no blanks at their ends.

rich's own tables and paddings fill every line to the console's width, which spoils what is
pasted, piped or kept as a golden file.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.report.terminal.plain import printable

_NARROWEST = 20


def plain(text: str, style: str = "") -> Text:
    """Foreign text, made safe for the terminal."""
    return Text(printable(text), style)


def hang(console: Console, lead: Text, body: Text) -> None:
    """Print `body` wrapped to the right of `lead`; later lines stand under the first."""
    indent = lead.cell_len
    lines = body.wrap(console, max(console.width - indent, _NARROWEST))
    for line in lines or [Text()]:
        unbroken(console, Text.assemble(lead, line))
        lead = Text(" " * indent)


def unbroken(console: Console, line: Text) -> None:
    """Print one line as it is, however long, so that it can be pasted."""
    line.rstrip()
    console.print(line, soft_wrap=True)


def columns(console: Console, indent: int, rows: Sequence[tuple[Text, Text]]) -> None:
    """Print rows of two columns, the second hanging; a long first column gets its own line."""
    widest = console.width // 2 - indent
    short = [left for left, _ in rows if left.cell_len <= widest and "\n" not in left.plain]
    width = max((left.cell_len for left in short), default=0)
    for left, right in rows:
        lead = Text(" " * indent)
        if left in short:
            lead.append_text(left)
        else:
            hang(console, lead, left)
        lead.pad_right(indent + width + 2 - lead.cell_len)
        hang(console, lead, right)
