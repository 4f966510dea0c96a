"""What verdicts say of the cells: from portraits at hand, or from portraits that are taken.

Verdicts plan the work and give failures their reasons; they never stand for a load.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import msgspec

from qcompat.builds.build import Build
from qcompat.portrait.obtain import at_hand, obtain
from qcompat.portrait.portrait import Portrait
from qcompat.trial.cause import cause_of
from qcompat.trial.matrix.cell import Cell
from qcompat.trial.matrix.deciding.settling import CellKey
from qcompat.trial.matrix.question.named_guest import Entry
from qcompat.trial.matrix.question.spec import Scope
from qcompat.trial.prediction import predicted_by
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Verdict

Verdicts = Mapping[CellKey, Verdict]


def foresee(scope: Scope, entry: Entry) -> Verdicts:
    """The verdicts of an entry's cells for which both portraits are at hand."""
    known = {
        build.name: at_hand(build, entry.guest, accel=scope.accel)
        for build in scope.able[entry.machine]
    }
    found: dict[CellKey, Verdict] = {}
    for kind in ("bundled", "cached"):  # those taken here say more of here, so they come last
        found.update(_judged(entry, {n: p[kind] for n, p in known.items() if kind in p}))
    return found


def look(scope: Scope, entry: Entry, builds: Iterable[Build]) -> Verdicts:
    """The verdicts between these builds, from portraits that are taken where they are missing.

    Raises what `obtain` raises. It runs QEMUs, one at a time.
    """
    taken = {b.name: obtain(b.name, entry.guest, accel=scope.accel) for b in builds}
    return _judged(entry, taken)


def _judged(entry: Entry, portraits: Mapping[str, Portrait]) -> Verdicts:
    found: dict[CellKey, Verdict] = {}
    for (one, first), (other, second) in itertools.combinations(portraits.items(), 2):
        judgement = judge(first, second)
        found[(*entry.key, one, other)] = judgement.forward
        found[(*entry.key, other, one)] = judgement.back
    return found


def with_verdict(cell: Cell, verdict: Verdict | None) -> Cell:
    """The cell with its verdict: the reasons are the findings, one that foretold it first."""
    if verdict is None:
        return cell
    findings = list(verdict.findings)
    chief = predicted_by(cause_of(cell.outcome), findings)
    if chief is not None:
        findings.sort(key=lambda finding: finding is not chief)
    remedy = next((f.remedy for f in findings if f.promise == "loads" and f.remedy), "")
    return msgspec.structs.replace(
        cell,
        predicted=verdict.verdict,
        reasons=tuple(dict.fromkeys(finding.summary for finding in findings)),
        remedy=remedy if verdict.verdict in ("blocked", "unknown") else "",
    )
