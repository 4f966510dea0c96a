"""Where restoring what differs is not enough: properties of the target turned the other way."""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.portrait.portrait import Portrait
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.places import CPU, GUEST
from qcompat.remedy.setting import Setting
from qcompat.verdict.goal import Goal
from qcompat.verdict.search.attempts import Asking, Attempts, Settings
from qcompat.verdict.search.cost import (
    Judged,
    at,
    broken_places,
    findings_at,
    gravest_rules,
    total,
)
from qcompat.verdict.search.minimise import minimise
from qcompat.verdict.search.other_values import every_property, only_new, turned_back


async def widened(attempts: Attempts, properties: BuildProperties, goal: Goal) -> Settings:
    """What helps the places that still break; settings found before are `attempts.always`."""
    chosen: Settings = ()
    for is_tabled in (True, False):
        (now,) = await attempts.judge(chosen)
        pools = {
            place: pool
            for place in broken_places(now, goal)
            if (pool := _pool(now, place, properties, attempts.source, is_tabled=is_tabled))
        }
        for place, settings in (await _hunted(pools, now, chosen, attempts)).items():
            better = (*chosen, *settings)
            (found,) = await attempts.judge(better)
            (before,) = await attempts.judge(chosen)
            if at(found, place, goal) < at(before, place, goal) and _is_no_worse(
                found, before, goal
            ):
                chosen = better
    return chosen


def _is_no_worse(found: Judged, before: Judged, goal: Goal) -> bool:
    return total(found, goal) < total(before, goal)


def _pool(
    now: Judged, place: str, properties: BuildProperties, source: Portrait, *, is_tabled: bool
) -> Settings:
    """What to try at a place. Where it only drifts, turning everything would do more harm."""
    if now.portrait is None or place == CPU:
        return ()
    cost = now.at(place)
    if is_tabled:
        found = turned_back(now.portrait, place, properties)
    elif place != GUEST or cost.blocked:
        found = every_property(now.portrait, place, properties, tuple(findings_at(now, place)))
    else:
        found = []
    if not is_tabled and not (cost.blocked or cost.open_):
        found = only_new(found, source, place, properties)
    return tuple(each.setting for each in found)


async def _hunted(
    pools: Mapping[str, Settings], now: Judged, chosen: Settings, attempts: Attempts
) -> dict[str, Settings]:
    """By place the least that makes what is gravest there go away, whatever else it brings."""
    rules = {place: gravest_rules(now, place) for place in pools}

    def cured(place: str, found: Judged) -> bool:
        return found.starts and not rules[place] <= _rules_at(found, place)

    searches: dict[str, Asking] = {}
    for place, pool in pools.items():
        parts = [part for layer in layers(pool) for part in await attempts.starting(layer)]
        found = await attempts.judge(*((*chosen, *part) for part in parts))
        good = [part for part, one in zip(parts, found, strict=True) if cured(place, one)]
        if good:
            searches[place] = minimise(good[0])
    return await attempts.race(searches, cured) if searches else {}


def layers(pool: Settings) -> list[Settings]:
    """The pool in parts that give each property one value."""
    found: list[dict[tuple[str, str, str], Setting]] = []
    for setting in pool:
        key = (setting.path, setting.driver, setting.name)
        free = next((layer for layer in found if key not in layer), None)
        if free is None:
            found.append(free := {})
        free[key] = setting
    return [tuple(layer.values()) for layer in found]


def _rules_at(found: Judged, place: str) -> frozenset[str]:
    """All the rules that find something at a place."""
    return frozenset(finding.rule for finding in findings_at(found, place))
