"""From all that differs to the little that matters, place by place."""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.remedy.places import GUEST
from qcompat.verdict.repair.attempts import Asking, Attempts, Settings
from qcompat.verdict.repair.candidate import Candidate
from qcompat.verdict.repair.cost import Cost, Judged
from qcompat.verdict.repair.goal import Goal, at, total
from qcompat.verdict.repair.minimise import minimise


async def narrowed(candidates: list[Candidate], attempts: Attempts, goal: Goal) -> Settings:
    """The smallest part of the candidates that repairs what all of them together repair."""
    (base,) = await attempts.judge(())
    whole = await _whole(tuple(each.setting for each in candidates), attempts)
    (full,) = await attempts.judge(whole)
    if not full.starts:
        return ()
    wanted = {
        place: at(full, place, goal)
        for place in sorted(base.costs.keys() | full.costs.keys())
        if at(full, place, goal) < at(base, place, goal)
    }
    if not wanted:
        return ()
    pools = await _pools(candidates, whole, wanted, attempts, goal)
    searches: dict[str, Asking] = {place: minimise(pool) for place, pool in pools.items()}
    found = await attempts.race(searches, _reaches(wanted, goal))
    union = tuple(dict.fromkeys(setting for part in found.values() for setting in part))
    return await least(union, whole, attempts, goal, _sum(base, wanted, goal))


async def least(
    union: Settings, whole: Settings, attempts: Attempts, goal: Goal, wanted: Cost
) -> Settings:
    """The least of `union` that reaches what is wanted of the guest; of `whole` if that fails."""

    def reaches(place: str, found: Judged) -> bool:  # noqa: ARG001 - the guest as one place
        return total(found, goal) <= wanted

    for pool in (union, whole):
        (found,) = await attempts.judge(pool)
        if reaches(GUEST, found):
            search: Asking = minimise(pool)
            return (await attempts.race({GUEST: search}, reaches))[GUEST]
    return union


def _sum(base: Judged, wanted: Mapping[str, Cost], goal: Goal) -> Cost:
    """What the guest costs when every place that can be repaired is."""
    rest = (at(base, place, goal) for place in base.costs if place not in wanted)
    return sum((*wanted.values(), *rest), Cost())


async def _whole(settings: Settings, attempts: Attempts) -> Settings:
    """As many of the settings as the target starts with, all at once."""
    parts = sorted(await attempts.starting(settings), key=len, reverse=True)
    together: Settings = ()
    for part in parts:
        (found,) = await attempts.judge((*together, *part))
        together = (*together, *part) if found.starts else together
    return together


async def _pools(
    candidates: list[Candidate],
    whole: Settings,
    wanted: Mapping[str, Cost],
    attempts: Attempts,
    goal: Goal,
) -> dict[str, Settings]:
    """What to narrow for each place: its own settings, where they do, else all."""
    own: dict[str, Settings] = {
        place: tuple(c.setting for c in candidates if c.place == place and c.setting in whole)
        for place in wanted
    }
    (found,) = await attempts.judge(tuple(s for settings in own.values() for s in settings))
    reaches = _reaches(wanted, goal)
    return {
        place: own[place] if own[place] and reaches(place, found) else whole for place in wanted
    }


class _reaches:  # noqa: N801 - used as a function
    """Whether a place has come down to what is wanted of it."""

    def __init__(self, wanted: Mapping[str, Cost], goal: Goal) -> None:
        self._wanted = wanted
        self._goal = goal

    def __call__(self, place: str, found: Judged) -> bool:
        return at(found, place, self._goal) <= self._wanted[place]
