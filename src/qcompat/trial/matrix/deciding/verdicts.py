"""The verdicts of cells: from the portraits of their builds, and into the cells. Pure.

Verdicts plan the work and explain failures; they never stand in for a load.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import msgspec

from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Finding
from qcompat.trial.cause import cause_of
from qcompat.trial.matrix.cell import Cell, CellKey, same_reason
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.prediction import predicted_by
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Verdict

Verdicts = Mapping[CellKey, Verdict]


def judge_cells(entry: MatrixEntry, portraits: Mapping[str, Portrait]) -> Verdicts:
    """The verdicts of an entry between all builds of which there is a portrait, by name."""
    found: dict[CellKey, Verdict] = {}
    for (one, first), (other, second) in itertools.combinations(portraits.items(), 2):
        judgement = judge(first, second)
        found[(*entry.key, one, other)] = judgement.forward
        found[(*entry.key, other, one)] = judgement.back
    return found


def with_verdicts(
    cells: Mapping[CellKey, Cell], found: Mapping[CellKey, Verdict | str]
) -> dict[CellKey, Cell]:
    """The cells with their verdicts and reasons; a text says why there is no verdict."""
    return {key: _with(cell, found.get(key)) for key, cell in cells.items()}


def _with(cell: Cell, found: Verdict | str | None) -> Cell:
    if isinstance(found, str):
        return msgspec.structs.replace(cell, predicted=None, reasons=(found,), remedy="")
    return with_verdict(cell, found) if found else cell


def with_verdict(cell: Cell, verdict: Verdict) -> Cell:
    """The cell with its verdict: the reasons are the findings, the one that predicted it first."""
    findings = list(verdict.findings)
    chief = predicted_by(cause_of(cell.outcome), findings)
    if chief is not None:
        findings.sort(key=lambda finding: finding is not chief)
    remedy = next((f.remedy for f in findings if f.promise == "loads" and f.remedy), "")
    return msgspec.structs.replace(
        cell,
        predicted=verdict.verdict,
        reasons=_reasons(findings),
        remedy=remedy if verdict.verdict in ("blocked", "unknown") else "",
    )


def _reasons(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    kept: list[Finding] = []
    for finding in findings:
        if not any(same_reason(finding, each) for each in kept):
            kept.append(msgspec.structs.replace(finding, evidence=(), remedy=None))
    return tuple(kept)
