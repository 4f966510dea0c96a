"""The part of docs/accuracy.md that says how many blocked cells can be repaired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from tools.accuracy.repairs import Repaired

_HEAD = """
## What can be repaired

Of the cells above that really fail, those for which `qcompat repair --prove` was asked: *repaired*
is proven by real loads, refused without the remedy and taken with it; *beyond repair* means that
every single property that the target offers for the refused device was tried alone and none
helps, or that it offers none; *open* is the rest.

| guests | blocked cells tried | repaired | beyond repair | open | median time |
|---|---|---|---|---|---|
"""

_SETTINGS = """
Most often set:

| property or option | cells |
|---|---|
"""
_MOST = 15


def render_repairs(equal: Sequence[Repaired], unequal: Sequence[Repaired]) -> str:
    """The section; empty where nothing was tried."""
    everything = [*equal, *unequal]
    if not everything:
        return ""
    rows = (
        ("the same on both builds", equal),
        ("different in one thing", unequal),
        ("**all**", everything),
    )
    return "".join([_HEAD, *(_row(name, cells) for name, cells in rows), *_settings(everything)])


def _row(name: str, cells: Sequence[Repaired]) -> str:
    if not cells:
        return f"| {name} | 0 | | | | |\n"
    came = Counter(cell.came for cell in cells)
    shares = " | ".join(
        f"{came[kind]:,} ({came[kind] / len(cells):.1%})"
        for kind in ("repaired", "unrepairable", "open")
    )
    seconds = median(cell.seconds for cell in cells)
    return f"| {name} | {len(cells):,} | {shares} | {seconds:.1f} s |\n"


def _settings(cells: Sequence[Repaired]) -> list[str]:
    names = Counter(
        setting.partition("=")[0]
        for cell in cells
        if cell.came == "repaired"
        for setting in cell.settings
    )
    rows = [f"| {name} | {n:,} |\n" for name, n in names.most_common(_MOST)]
    return [_SETTINGS, *rows] if rows else []
