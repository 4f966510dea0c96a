"""The shortest chain of builds to one that a guest cannot reach directly.

Every hop is judged with what the guest carries by then. Of equally short routes one without
drift is preferred; builds are tried in the order given.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.lineage.carried import Carried, arrive
from qcompat.lineage.verdict import verdict_on
from qcompat.portrait.portrait import Portrait
from qcompat.verdict.judgement import Answer

LONGEST = 4


class Leg(msgspec.Struct, frozen=True):
    """One hop of a chain: to which build, and the verdict of it."""

    build: str
    verdict: Answer


class _Route(msgspec.Struct, frozen=True):
    guest: Carried
    legs: tuple[Leg, ...]


def shortest_chain(
    guest: Carried, target: str, portraits: Mapping[str, Portrait], longest: int = LONGEST
) -> tuple[Leg, ...]:
    """The hops to `target`, or none where there is no route of at most `longest` hops.

    `portraits` has each build's portrait of the guest, started with its marks.
    """
    routes = [_Route(guest, ())]
    for _ in range(longest):
        further = [found for route in routes for found in _further(route, portraits)]
        arrived = [route.legs for route in further if route.legs[-1].build == target]
        if arrived:
            return min(arrived, key=_drifts)
        routes = further
    return ()


def _further(route: _Route, portraits: Mapping[str, Portrait]) -> list[_Route]:
    been = {leg.build for leg in route.legs}
    found = []
    for name, portrait in portraits.items():
        if name in been or portrait.refusal is not None:
            continue
        verdict = verdict_on(route.guest, portrait).verdict
        if verdict in ("ok", "drift"):
            found.append(_Route(arrive(route.guest, portrait), (*route.legs, Leg(name, verdict))))
    return found


def _drifts(legs: tuple[Leg, ...]) -> int:
    return sum(leg.verdict == "drift" for leg in legs)
