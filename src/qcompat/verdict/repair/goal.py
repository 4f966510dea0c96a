"""What is wanted of a remedy: how far a promise looks, and when a place is as good as it gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from qcompat.rules.finding import Finding
from qcompat.verdict.repair.cost import FREE, Cost, Judged, weigh
from qcompat.verdict.repair.place_of_finding import place_of_finding

Goal = Literal["loads", "unchanged"]
"""The promise to be kept: that the guest loads, or also sees no change."""


def seen(cost: Cost, goal: Goal) -> Cost:
    """The part of a cost that the goal is about."""
    return cost if goal == "unchanged" else msgspec.structs.replace(cost, now=0, reset=0)


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
    told = tuple(findings_at(found, place))
    worst = max((weigh(finding) for finding in told), default=FREE)
    return frozenset(finding.rule for finding in told if weigh(finding) == worst)
