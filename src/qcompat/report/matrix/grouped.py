"""Cells by their reason: how many, why, which guests, between which builds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from qcompat.report.matrix.tally import Group
from qcompat.report.terminal.layout import hang, plain

MOST = 8
"""How many entries of a list are shown unless all are asked for."""


def write_groups(title: str, found: Sequence[Group], console: Console, verbose: bool) -> None:
    """A title and an entry for each reason; nothing where there is none."""
    if not found:
        return
    console.print()
    hang(console, Text(), Text(title, "bold"))
    width = max(len(str(len(group.cells))) for group in found)
    shown = found if verbose else found[:MOST]
    for group in shown:
        _write(group, width, console, verbose)
    _write_more(found[len(shown) :], console)


def _write(group: Group, width: int, console: Console, verbose: bool) -> None:
    lead = Text(f"  {len(group.cells):{width}}  ", "bold")
    hang(console, lead, plain(group.reason or "no reason known"))
    indent = Text(" " * (width + 4))
    hang(console, indent, plain(_some(group.guests, verbose), "cyan"))
    hang(console, indent, plain(_ways(group, verbose), "dim"))


def _ways(group: Group, verbose: bool) -> str:
    return "; ".join(
        f"{_some(sources, verbose)} → {_some(targets, verbose)}" for sources, targets in group.ways
    )


def _some(names: Iterable[str], verbose: bool) -> str:
    names = list(names)
    shown = names if verbose else names[:MOST]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _write_more(rest: Sequence[Group], console: Console) -> None:
    if rest:
        cells = sum(len(group.cells) for group in rest)
        what = "1 more reason" if len(rest) == 1 else f"{len(rest)} more reasons"
        console.print(Text(f"  … {what} of {cells} cells (-v shows)", "dim"))
