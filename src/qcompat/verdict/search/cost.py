"""What still breaks, place by place: the measure by which sets of settings are compared.

A promise decides how far the measure looks, and when a place is as good as it gets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.places import CPU, GUEST, off_tree, place_of
from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES
from qcompat.rules.subject import Subject, state_of
from qcompat.verdict.goal import Goal
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Judgement


def place_of_finding(portrait: Portrait, finding: Finding) -> str:
    """The place of what a finding is about."""
    subject = finding.subject
    if subject.address:
        return subject.address
    if subject.kind == "cpu" or RULES[finding.rule].remedy_at == "cpu":
        return CPU
    found = {place_of(device) for device in _with_state(portrait, subject)}
    return found.pop() if len(found) == 1 else GUEST


def _with_state(portrait: Portrait, subject: Subject) -> Iterator[Device]:
    """Off PCI a section's id is the name of the state that the device's type describes."""
    state = subject.type or state_of(subject.section)
    for device in (*portrait.devices, *off_tree(portrait)) if state else ():
        described = portrait.facts.type_states.get(device.type, "").partition("@")[0]
        if described == state or device.type == state:
            yield device


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
"""A guest that the target does not start: nothing is known of its devices."""


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
    """One finding's part; what is merely possible weighs nothing, nor does the way back.

    Neither does a part that no twin has: the search is about the rest.
    """
    if RULES[finding.rule].is_uncovered:
        return FREE
    if finding.promise == "loads" and finding.undecided:
        return Cost(open_=1)
    if finding.certainty == "possible" or finding.undecided or finding.promise == "returns":
        return FREE
    if finding.promise == "loads":
        return Cost(blocked=1)
    return Cost(reset=1) if finding.when == "reset" else Cost(now=1)


def _parts(cost: Cost) -> tuple[int, int, int, int]:
    return cost.blocked, cost.open_, cost.now, cost.reset


def seen(cost: Cost, goal: Goal) -> Cost:
    """The part of a cost that the goal is about."""
    if goal == "unchanged":
        return cost
    now = cost.now if goal == "running" else 0
    return msgspec.structs.replace(cost, now=now, reset=0)


def at(found: Judged, place: str, goal: Goal) -> Cost:
    return seen(found.at(place), goal)


def total(found: Judged, goal: Goal) -> Cost:
    return seen(found.total, goal)


def broken_places(found: Judged, goal: Goal) -> tuple[str, ...]:
    """Where something breaks that a running guest meets, gravest first."""
    costs = {place: at(found, place, goal) for place in found.costs}
    wrong = [place for place, cost in costs.items() if cost.blocked or cost.open_ or cost.now]
    return tuple(sorted(wrong, key=lambda place: (-costs[place].blocked, place)))


def findings_at(found: Judged, place: str) -> Iterator[Finding]:
    """What breaks at a place, in the order of gravity."""
    if found.judgement is None or found.portrait is None:
        return
    for finding in found.judgement.forward.findings:
        if weigh(finding) != FREE and place_of_finding(found.portrait, finding) == place:
            yield finding


def gravest_rules(found: Judged, place: str) -> frozenset[str]:
    """The rules that find what breaks the gravest promise at a place."""
    there = tuple(findings_at(found, place))
    worst = max((weigh(finding) for finding in there), default=FREE)
    return frozenset(finding.rule for finding in there if weigh(finding) == worst)
