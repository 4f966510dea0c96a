"""It is not known which processor a host gives the guest, so a loss cannot be predicted."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.hosts.differences import HostCpusDiffer, HostCpuUnasked
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import CPU

RULE = Rule(
    id="host_cpu_unproven",
    stage="hosts",
    position=5,
    says={
        "": "It is not known which processor the guest gets on these hosts: {why}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostCpuUnasked):
        reasons = [reason for reason in (each.source, each.target) if reason]
        yield _finding("; ".join(reasons), *(_word(one) for one in (each.source, each.target)))
    for move in comparison.of(HostCpusDiffer):
        if move.source.outcome == "unknown":
            why = move.source.refusal or f"{', '.join(move.source.untold)} are not known"
            yield _finding(why, move.source.source, move.source.target)


def _word(reason: str) -> str:
    return "not known" if reason else "known"


def _finding(why: str, source: str, target: str) -> Finding:
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="possible",
        subject=CPU,
        args={"why": why},
        evidence=(Evidence("the processor, by the hosts' captures", source, target),),
        undecided=True,
    )
