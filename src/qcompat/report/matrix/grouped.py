"""Cells by their reason: how many, why, which guests, between which builds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.console import Console
from rich.text import Text

from qcompat.report.matrix.tally import Group
from qcompat.report.terminal.layout import hang, plain
from qcompat.report.terminal.plain import listed

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
    hang(console, indent, plain(listed(group.guests, most=MOST, verbose=verbose), "cyan"))
    hang(console, indent, plain(_ways(group, verbose), "dim"))


def _ways(group: Group, verbose: bool) -> str:
    some = partial(listed, most=MOST, verbose=verbose)
    return "; ".join(f"{some(sources)} → {some(targets)}" for sources, targets in group.ways)


def _write_more(rest: Sequence[Group], console: Console) -> None:
    if rest:
        cells = sum(len(group.cells) for group in rest)
        what = "1 more reason" if len(rest) == 1 else f"{len(rest)} more reasons"
        console.print(Text(f"  … {what} of {cells} cells (-v shows)", "dim"))
