"""Asking for a matrix and showing it: the question, the answer, the exit code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qcompat.app.matrix.matrix import MatrixAnswer, matrix
from qcompat.app.matrix.question import MatrixQuestion
from qcompat.cli.matrix.progress import shown_progress
from qcompat.cli.options.shown import Shown
from qcompat.cli.process.event_loop import run_waiting
from qcompat.cli.process.say import note
from qcompat.portrait.portraits import Portraits
from qcompat.report.matrix.document import read
from qcompat.trial.matrix.cell import Cell, rank, status_of


def ask(options: Mapping[str, Any], shown: Shown) -> int:
    """Try everything that the options ask for, show it, and return the exit code."""
    baseline = options["baseline"]
    question = MatrixQuestion(**{**options, "baseline": read(baseline) if baseline else None})
    portraits = Portraits.here()
    spec = question.spec(portraits)
    for machine, names in spec.unable.items():
        note(f"{machine} is not tried on {', '.join(names)}: no such machine type")
    answer = run_waiting(matrix(question, spec, portraits, shown_progress))
    shown.show(answer)
    return exit_code(answer)


def exit_code(answer: MatrixAnswer) -> int:
    """0 where all is as it should be, 1 where something breaks, 3 where that remains open."""
    if answer.change:
        return {"kept": 0, "broken": 1, "unknown": 3}[answer.change.answer]
    cells = answer.matrix.cells
    if any(rank(status_of(cell)) >= rank("fails") for cell in cells):
        return 1
    is_open = not cells or any(_is_open(cell) for cell in cells)
    return 3 if is_open else 0


def _is_open(cell: Cell) -> bool:
    return cell.is_flaky or cell.is_untried or cell.is_partial or cell.contradicts
