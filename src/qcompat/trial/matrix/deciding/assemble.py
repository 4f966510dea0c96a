"""From settled cells to the matrix: in order, with what is not in it and why.

A guest of which no build ever gave a stream can be migrated by none of them. It says nothing of
the builds, so it is left out, with QEMU's reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.trial.matrix.cell import Cell, Matrix
from qcompat.trial.matrix.deciding.settling import CellKey
from qcompat.trial.matrix.question.spec import Scope


def matrix_of(scope: Scope, cells: Mapping[CellKey, Cell], seconds: float) -> Matrix:
    """The matrix of all cells of the scope that are there."""
    told = kept(cells)
    never = {key: cell for key, cell in cells.items() if key not in told}
    reasons = {_name(scope, key): _reason(cell) for key, cell in never.items()}
    return Matrix(
        builds={b.name: b.identity.package or b.identity.version for b in scope.builds},
        cells=tuple(told[key] for key in scope.keys if key in told),
        left_out={**scope.left_out, **reasons},
        accel=scope.accel,
        seconds=seconds,
    )


def kept(cells: Mapping[CellKey, Cell]) -> dict[CellKey, Cell]:
    """The cells of entries that some build gave a stream of."""
    sent = {key[:2] for key, cell in cells.items() if not _is_unsent(cell)}
    return {key: cell for key, cell in cells.items() if key[:2] in sent}


def _is_unsent(cell: Cell) -> bool:
    return cell.outcome.kind == "no_stream" and not cell.is_flaky


def _name(scope: Scope, key: CellKey) -> str:
    machine, name, *_ = key
    return name if len(scope.able) == 1 else f"{name} on {machine}"


def _reason(cell: Cell) -> str:
    return "no build can save it: " + cell.outcome.message
