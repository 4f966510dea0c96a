"""One-way moves: a guest that gets there but cannot come back.

The promise `returns` breaks where the other direction is blocked. That does not change the
answer of this direction, and it is told once, with the gravest reason.
"""

from __future__ import annotations

import msgspec

from qcompat.rules.finding import Finding
from qcompat.verdict.judgement import Verdict


def with_return(verdict: Verdict, other: Verdict) -> Verdict:
    """The verdict, with a finding that the way of `other` is barred; as it is where both are."""
    if other.verdict != "blocked" or verdict.verdict == "blocked":
        return verdict
    return Verdict(verdict.verdict, (*verdict.findings, _barred(other.findings[0])))


def _barred(cause: Finding) -> Finding:
    """What bars the way back; its evidence is turned round, since its target is our source."""
    evidence = tuple(
        msgspec.structs.replace(each, source=each.target, target=each.source)
        for each in cause.evidence
    )
    return msgspec.structs.replace(
        cause,
        promise="returns",
        evidence=evidence,
        remedy=None,
    )
