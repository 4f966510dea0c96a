"""What the page needs of a matrix, small: every text once, every cell a row of numbers.

A matrix of 50,000 cells has some hundred texts. What a cell's row holds, in which order, is
defined here and read in `page/data.js`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qcompat.report.matrix.change import shift_text
from qcompat.report.matrix.grid import MEANINGS, SIGNS, shared_prefix
from qcompat.report.matrix.reason import happened, reason_of, reasons_of, seen
from qcompat.trial.matrix.baseline import Change
from qcompat.trial.matrix.cell import Cell, Matrix, Status, rank, status_of

Key = tuple[str, str, str, str]
_STATUSES: tuple[Status, ...] = tuple(SIGNS)
_CONTRADICTS, _ONE_WAY = 1, 2


class Texts:
    """Every text once; a cell has its number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        """The number of a text; 0 is the empty one."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        """The texts, each at its number."""
        return list(self._numbers)


def payload(matrix: Matrix, change: Change | None = None) -> dict[str, Any]:
    """The page's data, as it is written into the page."""
    texts = Texts()
    shifts = {s.after.key: s for s in change.shifts if s.after} if change else {}
    changes = {key: (s.what, shift_text(s)) for key, s in shifts.items()}
    oneway = _one_way(matrix)
    rows = [_row(cell, texts, cell.key in oneway, changes) for cell in matrix.cells]
    return {
        "standings": [
            {"name": where.replace(" ", "-"), "sign": SIGNS[where][0], "meaning": MEANINGS[where]}
            for where in _STATUSES
        ],
        "builds": [*map(texts.number, matrix.builds)],
        "prefix": shared_prefix(tuple(matrix.builds)),
        "cells": rows,
        "texts": texts.all(),
    }


def _row(
    cell: Cell, texts: Texts, one_way: bool, changes: Mapping[Key, tuple[str, str]]
) -> list[Any]:
    flags = cell.contradicts * _CONTRADICTS | one_way * _ONE_WAY
    what, shifted = changes.get(cell.key, ("", ""))
    texts_of_cell = (
        cell.machine,
        cell.guest,
        cell.source,
        cell.target,
        cell.predicted or "",
        happened(cell),
        cell.outcome.message,
        reason_of(cell),
        cell.remedy,
        seen(cell) if cell.is_flaky else "",
        what,
        shifted,
        _company(cell),
    )
    reasons = [texts.number(reason) for reason in reasons_of(cell)]
    return [_STATUSES.index(status_of(cell)), flags, *map(texts.number, texts_of_cell), reasons]


def _company(cell: Cell) -> str:
    """How it was tried, where it was not in a guest of its own."""
    if cell.through:
        return f"tried as {cell.through}: to QEMU both are the same"
    return "" if cell.alone else "tried together with other devices"


def _one_way(matrix: Matrix) -> set[Key]:
    """The cells that load where the way back does not."""
    fails = {cell.key for cell in matrix.cells if rank(status_of(cell)) >= rank("fails")}
    return {
        cell.key
        for cell in matrix.cells
        if rank(status_of(cell)) == 0
        and (cell.machine, cell.guest, cell.target, cell.source) in fails
    }
