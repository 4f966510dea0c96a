"""From all that differs to the little that matters, place by place; then several settings as one.

Settings of many devices become one `-global` on what they have in common, where that does the
same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.places import GUEST
from qcompat.remedy.setting import Setting
from qcompat.verdict.goal import Goal
from qcompat.verdict.search.attempts import Asking, Attempts, Settings
from qcompat.verdict.search.candidates import Candidate
from qcompat.verdict.search.cost import Cost, Judged, at, total
from qcompat.verdict.search.minimise import minimise


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
    """What to narrow for each place: its own settings if they suffice, else all."""
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


async def gathered(settings: Settings, properties: BuildProperties, attempts: Attempts) -> Settings:
    """The settings, those of one property and value as one where the verdict stays as good."""
    for several in _alike(settings):
        for driver in _drivers(several, properties):
            one = Setting(
                driver, several[0].name, several[0].value, "type", "", several[0].restores
            )
            fewer = (*(each for each in settings if each not in several), one)
            before, after = await attempts.judge(settings, fewer)
            if after.starts and after.total <= before.total:
                settings = fewer
                break
    return settings


def _alike(settings: Settings) -> list[Settings]:
    """Settings of devices that give one property one value, where there are several."""
    found: dict[tuple[str, str], list[Setting]] = {}
    for each in settings:
        if each.reach in ("device", "type") and not each.removes:
            found.setdefault((each.name, each.value), []).append(each)
    return [tuple(several) for several in found.values() if len(several) > 1]


def _drivers(several: Settings, properties: BuildProperties) -> Iterator[str]:
    """What the devices have in common: their type, what compat tables name, an ancestor."""
    types, name = {each.driver for each in several}, several[0].name
    if len(types) == 1:
        yield several[0].driver
        return
    tabled = [e.driver for e in properties.entries if e.property == name]
    named = [d for d in dict.fromkeys(tabled) if types <= properties.reaches.get(d, frozenset())]
    shared = _shared(types, properties)
    yield from dict.fromkeys((*named, *shared[:2]))


def _shared(types: set[str], properties: BuildProperties) -> list[str]:
    """The ancestors of all the types, nearest first."""
    chains = [properties.parents.get(type_, ()) for type_ in sorted(types)]
    return [each for each in chains[0] if all(each in chain for chain in chains)]
