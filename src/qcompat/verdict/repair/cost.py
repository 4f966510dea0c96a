"""What still breaks, place by place: the measure by which sets of settings are compared."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Finding
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Judgement
from qcompat.verdict.repair.place_of_finding import place_of_finding


class Cost(msgspec.Struct, frozen=True, order=True):
    """Numbers of findings, gravest kind first, so that comparing costs compares verdicts.

    What bars loading; what leaves it open; what a running guest sees; what it sees after its
    next reset.
    """

    blocked: int = 0
    open_: int = 0
    now: int = 0
    reset: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(a + b for a, b in zip(_parts(self), _parts(other), strict=True)))


FREE = Cost()
REFUSED = Cost(blocked=1 << 20)
"""A guest that the target does not start, which tells nothing of its devices."""


class Judged(msgspec.Struct, frozen=True):
    """What the verdict is with some settings, and what still breaks at each place.

    `portrait` is the target's; without one no such guest could be made of the arguments.
    """

    costs: Mapping[str, Cost]
    judgement: Judgement | None = None
    portrait: Portrait | None = None
    complaint: str = ""

    @property
    def starts(self) -> bool:
        return self.judgement is not None and not self.complaint

    @property
    def total(self) -> Cost:
        return sum(self.costs.values(), FREE) if self.starts else REFUSED

    def at(self, place: str) -> Cost:
        """What breaks at a place; nothing is known of places of a guest that does not start."""
        return self.costs.get(place, FREE) if self.starts else REFUSED


def judged(source: Portrait, target: Portrait | None) -> Judged:
    """The way from `source` to this portrait of the target, weighed."""
    if target is None:
        return Judged({}, complaint="the arguments make no guest")
    judgement = judge(source, target)
    refusal = target.refusal
    complaint = refusal.message if refusal and not refusal.has_started else ""
    costs: dict[str, Cost] = {}
    for finding in judgement.forward.findings:
        place = place_of_finding(source, finding)
        costs[place] = costs.get(place, FREE) + weigh(finding)
    return Judged({p: c for p, c in costs.items() if c != FREE}, judgement, target, complaint)


def weigh(finding: Finding) -> Cost:
    """One finding's part; what is merely possible weighs nothing, nor does the way back."""
    if finding.promise == "loads" and finding.undecided:
        return Cost(open_=1)
    if finding.certainty == "possible" or finding.undecided or finding.promise == "returns":
        return FREE
    if finding.promise == "loads":
        return Cost(blocked=1)
    return Cost(now=1) if finding.when == "now" else Cost(reset=1)


def _parts(cost: Cost) -> tuple[int, int, int, int]:
    return cost.blocked, cost.open_, cost.now, cost.reset
