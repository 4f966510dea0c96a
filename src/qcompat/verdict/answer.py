"""From findings to the answer of one direction, and the order of the findings.

blocked   a finding breaks `loads` and is proven, certain or likely
unknown   else, a finding leaves open whether `loads` is kept
drift     else, a finding breaks `unchanged` and is proven, certain or likely
ok        else; findings that are only possible are shown but do not change the answer
"""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.rules.finding import Finding
from qcompat.verdict.judgement import Answer

PROMISES = ("loads", "unchanged", "returns")
CERTAINTIES = ("proven", "certain", "likely", "possible")


def answer(findings: Sequence[Finding]) -> Answer:
    """The answer that follows from all findings of one direction."""
    if any(_breaks(finding, "loads") for finding in findings):
        return "blocked"
    if any(finding.promise == "loads" and finding.undecided for finding in findings):
        return "unknown"
    if any(_breaks(finding, "unchanged") for finding in findings):
        return "drift"
    return "ok"


def gravity(finding: Finding) -> tuple[int, int, int]:
    """Sort key: what breaks loading first, then what was left open, then by certainty."""
    promise = PROMISES.index(finding.promise)
    is_sure = finding.certainty != "possible"
    rank = 0 if is_sure else 1 if finding.undecided else 2
    return (rank if promise == 0 else 3 + rank, promise, CERTAINTIES.index(finding.certainty))


def _breaks(finding: Finding, promise: str) -> bool:
    is_sure = finding.certainty in ("proven", "certain", "likely")
    return finding.promise == promise and is_sure and not finding.undecided
