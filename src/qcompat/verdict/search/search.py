"""The search for the smallest set of settings that repairs a guest's way to a target.

First what makes the target start the guest at all, then what differs narrowed down to what
matters, then what only the target has, then several settings as one. Pure but for `portray`.
"""

from __future__ import annotations

import msgspec

from qcompat.compare.comparison import compare
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.setting import Setting
from qcompat.verdict.goal import USUAL, Goal
from qcompat.verdict.remedy import Spent
from qcompat.verdict.search.attempts import Attempts, Portray, Settings
from qcompat.verdict.search.candidates import Candidate, directed
from qcompat.verdict.search.cost import Judged, broken_places, total
from qcompat.verdict.search.narrow import gathered, least, narrowed
from qcompat.verdict.search.starting import made_to_start
from qcompat.verdict.search.widen import widened


class Found(msgspec.Struct, frozen=True):
    """What a search came to: the settings, the verdict before and with them.

    `spent` is the bound that ended the search before everything was tried.
    """

    settings: Settings
    before: Judged
    after: Judged
    spent: Spent | None = None


async def search(
    source: Portrait,
    target: Portrait,
    properties: BuildProperties,
    portray: Portray,
    goal: Goal = USUAL,
) -> tuple[Found, Attempts]:
    """What to set on `target` (the guest there as it is) so that it takes what `source` sends."""
    attempts = Attempts(source, portray)
    attempts.take(target)
    (before,) = await attempts.judge(())
    named = attempts.always = await _machine_named(source, target, attempts)
    (now,) = await attempts.judge(())
    removed = named if now.starts else await made_to_start(target.guest, properties, attempts)
    attempts.always = removed
    (base,) = await attempts.judge(())
    settings = removed
    if base.starts:
        settings = await _searched(base, removed, properties, attempts, goal)
    attempts.always = ()
    settings = await gathered(settings, properties, attempts)
    (after,) = await attempts.judge(settings)
    return Found(settings, before, after, spent=portray.spent), attempts


async def _machine_named(source: Portrait, target: Portrait, attempts: Attempts) -> Settings:
    """The source's machine type, where the guest's alias is another one on the target.

    Everything else hangs on it, so it comes first; none where the target has no such type.
    """
    if target.machine in ("", source.machine):
        return ()
    setting = Setting(f"{source.machine}-machine", "type", source.machine, "machine")
    (found,) = await attempts.judge((setting,))
    return (setting,) if found.starts else ()


async def _searched(
    base: Judged, removed: Settings, properties: BuildProperties, attempts: Attempts, goal: Goal
) -> Settings:
    """The settings for a guest that starts, those that make it start among them."""
    candidates = _directed(base, properties, attempts.source, removed)
    restored = await narrowed(candidates, attempts, goal) if candidates else ()
    attempts.always = (*removed, *restored)
    (now,) = await attempts.judge(())
    more: Settings = ()
    if broken_places(now, goal):
        more = await widened(attempts, properties, goal)
    attempts.always = removed
    if not more:
        return (*removed, *restored)
    (best,) = await attempts.judge((*restored, *more))
    kept = await least((*restored, *more), (*restored, *more), attempts, goal, total(best, goal))
    return (*removed, *kept)


def _directed(
    base: Judged, properties: BuildProperties, source: Portrait, removed: Settings
) -> list[Candidate]:
    if base.portrait is None or base.judgement is None:
        return []
    comparison = compare(source, base.portrait)
    found = directed(comparison, properties, base.judgement.forward.findings)
    gone = {(each.driver, each.name) for each in removed}
    return [c for c in found if _key(c.setting) not in gone and not _brings_back(c.setting, gone)]


def _key(setting: Setting) -> tuple[str, str]:
    return setting.driver, setting.name


def _brings_back(setting: Setting, gone: set[tuple[str, str]]) -> bool:
    """Whether a whole argument of the source would set again what the target does not have."""
    return setting.reach == "argument" and any(name in setting.value for _, name in gone)
