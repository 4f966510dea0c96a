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
from qcompat.verdict.gate import EXIT_CODES, Exit, Gate, Kept


def ask(options: Mapping[str, Any], gate: Gate, shown: Shown) -> int:
    """Try everything that the options ask for, show it, and return the exit code."""
    baseline = options["baseline"]
    known = {"baseline": read(baseline) if baseline else None, "promise": gate.goal}
    question = MatrixQuestion(**{**options, **known})
    portraits = Portraits.here()
    spec = question.spec(portraits)
    for machine, names in spec.unable.items():
        note(f"{machine} is not tried on {', '.join(names)}: no such machine type")
    answer = run_waiting(matrix(question, spec, portraits, shown_progress), shows_itself=True)
    code = exit_code(answer, gate)
    shown.show(answer, Exit(code, gate))
    return code


def exit_code(answer: MatrixAnswer, gate: Gate) -> int:
    """0 where all is as it should be, 1 where something breaks, 3 where that remains open."""
    if answer.change:
        return EXIT_CODES[answer.change.answer]
    cells = answer.matrix.cells
    found = {_kept(cell, gate) for cell in cells}
    if "broken" in found:
        return 1
    return 3 if not cells or "unknown" in found else 0


def _kept(cell: Cell, gate: Gate) -> Kept:
    if rank(status_of(cell)) >= rank("fails"):
        return "broken"
    is_open = cell.is_flaky or cell.is_untried or cell.is_partial or cell.contradicts
    seen = status_of(cell.counting(gate.goal)) if gate.goal != "loads" else "ok"
    if seen in ("drift", "drift at reset"):
        return "broken"
    is_risky = gate.is_strict and cell.may_be_refused
    return "unknown" if is_open or is_risky or seen == "unknown" else "kept"
