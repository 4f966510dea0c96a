"""From two portraits to a judgement: both directions, each with its answer and findings.

What a finding says is the rules' business; here it is only weighed (`judgement`), freed of what
another finding explains (`causes`) and put in order.
"""

from __future__ import annotations

import msgspec

from qcompat.compare.comparison import Comparison, compare
from qcompat.compare.hosts.differences import HostPair
from qcompat.portrait.portrait import Gap, Portrait
from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES, findings_of
from qcompat.verdict.causes import fold, with_origin, without_settings
from qcompat.verdict.judgement import Judgement, Verdict, answer, gravity


def judge(source: Portrait, target: Portrait, hosts: HostPair | None = None) -> Judgement:
    """Can the guest go from `source` to `target`, and back? Pure, some milliseconds.

    `hosts` are captures of the hosts of the two ends, where their differences count too.
    """
    there = compare(source, target, hosts)
    forward, back = verdict_of(there), verdict_of(there.swapped())
    return Judgement(
        source=source.build,
        target=target.build,
        guest=source.guest,
        forward=_with_return(forward, back),
        back=_with_return(back, forward),
        uncovered=source.guest.uncovered,
        gaps=_gaps(source, target),
        accel=source.accel,
        hosts=(hosts.source.name, hosts.target.name) if hosts else (),
    )


def verdict_of(comparison: Comparison) -> Verdict:
    """The verdict of the way that a comparison looks at."""
    found: tuple[Finding, ...] = fold(findings_of(comparison))
    if comparison.source.lacks_state:
        found = tuple(map(_of_twin, found))
    findings = without_settings(with_origin(finding, comparison) for finding in found)
    return Verdict(answer(findings), tuple(sorted(findings, key=gravity)))


def _of_twin(finding: Finding) -> Finding:
    """A finding about the state of a running guest that was not read: its twin's may be another."""
    if finding.promise != "loads" or not RULES[finding.rule].travels:
        return finding
    return msgspec.structs.replace(finding, certainty="possible", undecided=True)


def _gaps(source: Portrait, target: Portrait) -> tuple[Gap, ...]:
    return tuple(dict.fromkeys((*source.gaps, *target.gaps)))


def _with_return(verdict: Verdict, other: Verdict) -> Verdict:
    """The verdict, with a finding of the promise `returns` where `other`, the way back, is blocked.

    That does not change the answer of this direction. Only the gravest reason is given.
    """
    if other.verdict != "blocked" or verdict.verdict == "blocked":
        return verdict
    return Verdict(verdict.verdict, (*verdict.findings, _barred(other.findings[0])))


def _barred(cause: Finding) -> Finding:
    """What bars the way back, its evidence turned round: its target is the source here."""
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
