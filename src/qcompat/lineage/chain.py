"""The shortest way to a build that a guest cannot reach directly: over which others.

Every hop is judged with what the guest carries by then. Of equally short ways one without
drift is preferred; builds are tried in the order given.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.lineage.carried import Carried, arrive
from qcompat.lineage.standing import stand
from qcompat.portrait.portrait import Portrait
from qcompat.verdict.judgement import Answer

LONGEST = 4


class Leg(msgspec.Struct, frozen=True):
    """One hop of a chain: to which build, and the verdict of it."""

    build: str
    verdict: Answer


class _Way(msgspec.Struct, frozen=True):
    guest: Carried
    legs: tuple[Leg, ...]


def shortest_chain(
    guest: Carried, target: str, pictures: Mapping[str, Portrait], longest: int = LONGEST
) -> tuple[Leg, ...]:
    """The hops to `target`, or none where there is no way of at most `longest` hops.

    `pictures` has what each build makes of the guest when it is started with its marks.
    """
    ways = [_Way(guest, ())]
    for _ in range(longest):
        further = [found for way in ways for found in _further(way, pictures)]
        arrived = [way.legs for way in further if way.legs[-1].build == target]
        if arrived:
            return min(arrived, key=_drifts)
        ways = further
    return ()


def _further(way: _Way, pictures: Mapping[str, Portrait]) -> list[_Way]:
    been = {leg.build for leg in way.legs}
    found = []
    for name, picture in pictures.items():
        if name in been or picture.refusal is not None:
            continue
        verdict = stand(way.guest, picture).verdict
        if verdict in ("ok", "drift"):
            found.append(_Way(arrive(way.guest, picture), (*way.legs, Leg(name, verdict))))
    return found


def _drifts(legs: tuple[Leg, ...]) -> int:
    return sum(leg.verdict == "drift" for leg in legs)
