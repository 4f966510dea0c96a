"""One setting for many devices: `-global` on what they have in common, where that does the same."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.remedy.offers import Offers
from qcompat.remedy.setting import Setting
from qcompat.verdict.repair.attempts import Attempts, Settings


async def gathered(settings: Settings, offers: Offers, attempts: Attempts) -> Settings:
    """The settings, those of one property and value as one where the verdict stays as good."""
    for several in _alike(settings):
        for driver in _drivers(several, offers):
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


def _drivers(several: Settings, offers: Offers) -> Iterator[str]:
    """What the devices have in common: their type, what compat tables name, an ancestor."""
    types, name = {each.driver for each in several}, several[0].name
    if len(types) == 1:
        yield several[0].driver
        return
    tabled = [e.driver for e in offers.entries if e.property == name]
    named = [d for d in dict.fromkeys(tabled) if types <= offers.reaches.get(d, frozenset())]
    shared = _shared(types, offers)
    yield from dict.fromkeys((*named, *shared[:2]))


def _shared(types: set[str], offers: Offers) -> list[str]:
    """The ancestors of all the types, nearest first."""
    chains = [offers.parents.get(type_, ()) for type_ in sorted(types)]
    return [each for each in chains[0] if all(each in chain for chain in chains)]
