"""A matrix as JSON, and back: what `--json` prints is what `--baseline` reads.

The form is a promise of its own (`docs/reference/matrix.schema.json`); its name in `schema`
changes when a reader written for the old form could misread the new one. The order is that of
the cells; the one time in it (`seconds`) is never compared.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from qcompat.app.matrix.matrix import MatrixAnswer
from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.local.foreign_file import read_foreign
from qcompat.report.finding import summary_text
from qcompat.report.output import Output
from qcompat.report.verdict import exit_members
from qcompat.rules.finding import Finding
from qcompat.trial.matrix.baseline import Change, Shift
from qcompat.trial.matrix.cell import Cell, Matrix, status_of

SCHEMA = "qcompat.matrix/3"
READABLE = (SCHEMA, "qcompat.matrix/2", "qcompat.matrix/1")
"""In the oldest form `reasons` are words only; in `/2` what breaks `loads` is `now`."""
_MOST_BYTES = 1 << 30
_ANEW = "create one with `qcompat matrix … --json`"


class _Header(msgspec.Struct):
    schema: str


def write(answer: MatrixAnswer, out: Output) -> None:
    """The document, with what changed since a baseline where there is one."""
    matrix = answer.matrix
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "accel": matrix.accel,
        "seconds": round(matrix.seconds, 1),
        "builds": matrix.builds,
        "left_out": matrix.left_out,
        "cells": [_cell(cell) for cell in matrix.cells],
    }
    document |= exit_members(out.exit)
    if answer.change:
        document["change"] = _change(answer.change)
    out.write_document(document)


def read(path: Path) -> Matrix:
    """The matrix in a file. Errors: FileFormatError for anything but such a document, whole."""
    content = read_foreign(path, _MOST_BYTES, _ANEW)
    try:
        _refuse_other_schema(msgspec.json.decode(content, type=_Header).schema, path)
        matrix = msgspec.json.decode(content, type=Matrix)
    except UNDECODABLE as error:
        raise FileFormatError(f"{path} does not hold a matrix: {error}", _ANEW) from error
    _refuse_inconsistent(matrix, path)
    return matrix


def _cell(cell: Cell) -> dict[str, Any]:
    """The cell, and what a reader of JSON should not have to work out."""
    return msgspec.structs.asdict(cell) | {
        "reasons": [_reason(each) for each in cell.reasons],
        "standing": status_of(cell),
        "when": cell.when,
        "contradicts": cell.contradicts,
    }


def _reason(reason: Finding | str) -> object:
    """A finding as it is read back, with its summary; or the text."""
    if isinstance(reason, str):
        return reason
    return {**msgspec.to_builtins(reason), "summary": summary_text(reason)}


def _change(change: Change) -> dict[str, Any]:
    return {
        "answer": change.answer,
        "promise": change.promise,
        "builds": change.builds,
        "unmatched": change.unmatched,
        "same": change.same,
        "unseen": change.unseen,
        "shifts": [_shift(shift) for shift in change.shifts],
    }


def _shift(shift: Shift) -> dict[str, Any]:
    machine, guest, source, target = shift.cell.key
    return {
        "what": shift.what,
        "machine": machine,
        "guest": guest,
        "source": source,
        "target": target,
        "then": shift.then,
        "now": shift.now,
        "left_out": shift.left_out,
    }


def _refuse_other_schema(schema: str, path: Path) -> None:
    if schema not in READABLE:
        newer = schema.startswith(SCHEMA.rpartition("/")[0] + "/")
        hint = "it may come from a newer qcompat; or " if newer else ""
        raise FileFormatError(f"{path} holds {schema!r}, not {SCHEMA!r}", hint + _ANEW)


def _refuse_inconsistent(matrix: Matrix, path: Path) -> None:
    keys = {cell.key for cell in matrix.cells}
    if len(keys) < len(matrix.cells):
        raise FileFormatError(f"{path} has the same cell twice, so it was edited by hand", _ANEW)
    named = {name for cell in matrix.cells for name in (cell.source, cell.target)}
    if strangers := sorted(named - matrix.builds.keys()):
        raise FileFormatError(
            f"{path} has cells of builds that it does not list: {', '.join(strangers)}", _ANEW
        )
    if not matrix.cells:
        raise FileFormatError(f"{path} holds a matrix without cells", _ANEW)
