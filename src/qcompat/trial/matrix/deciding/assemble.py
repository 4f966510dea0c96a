"""From settled cells to the matrix: in order, with what is not in it and why. Pure.

A guest that no build could ever save cannot be migrated by any of them. It says nothing about
the builds, so it is left out, with QEMU's reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.trial.matrix.cell import Cell, CellKey, Matrix
from qcompat.trial.matrix.question.spec import MatrixSpec


def assemble_matrix(spec: MatrixSpec, cells: Mapping[CellKey, Cell], seconds: float) -> Matrix:
    """The matrix of all cells of the specification that are there."""
    savable = savable_cells(cells)
    never = {key: cell for key, cell in cells.items() if key not in savable}
    reasons = {_name(spec, key): _reason(cell) for key, cell in never.items()}
    return Matrix(
        builds={b.name: b.identity.package or b.identity.version for b in spec.builds},
        cells=tuple(savable[key] for key in spec.keys if key in savable),
        left_out={**spec.left_out, **reasons},
        accel=spec.accel,
        seconds=seconds,
    )


def savable_cells(cells: Mapping[CellKey, Cell]) -> dict[CellKey, Cell]:
    """The cells of guests that at least one build could save."""
    saved = {key[:2] for key, cell in cells.items() if not _is_unsaved(cell)}
    return {key: cell for key, cell in cells.items() if key[:2] in saved}


def _is_unsaved(cell: Cell) -> bool:
    return cell.outcome.kind in ("no_stream", "untried") and not cell.is_flaky


def _name(spec: MatrixSpec, key: CellKey) -> str:
    machine, name, *_ = key
    return name if len(spec.able) == 1 else f"{name} on {machine}"


def _reason(cell: Cell) -> str:
    return "no build can save it: " + cell.outcome.message
