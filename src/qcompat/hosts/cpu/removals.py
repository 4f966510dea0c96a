"""Which hosts hold the baseline down, and what leaving them out would gain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec

from qcompat.hosts.cpu.baseline import Baseline
from qcompat.hosts.cpu.features.levels import level_of
from qcompat.hosts.cpu.features.masks import FeatureMasks, bits
from qcompat.hosts.cpu.intersection import intersect
from qcompat.hosts.cpu.model_choice import choose
from qcompat.hosts.cpu.offer import CpuOffer

MOST = 5
"""The most ways that are returned, smallest first."""


class Removal(msgspec.Struct, frozen=True):
    """Hosts to leave out, and what the others could then have."""

    without: tuple[str, ...]
    gained: tuple[str, ...]
    model: str
    level: str


def removals(masks: FeatureMasks, offers: Sequence[CpuOffer], now: Baseline) -> tuple[Removal, ...]:
    """The smallest sets of hosts whose removal raises the baseline, smallest first.

    A feature comes back exactly when all hosts that lack it are gone, so the candidates are the
    sets of hosts that lack one feature. Sets of more than half the hosts are left out.
    """
    hosts = tuple(dict.fromkeys(offer.host.name for offer in offers))
    if len(hosts) < 3:
        return ()
    sets = sorted(_lacking_sets(masks, offers), key=lambda each: (len(each), sorted(each)))
    small = [each for each in sets if 0 < len(each) <= len(hosts) // 2]
    found = (_removal(masks, offers, now, frozenset(each)) for each in small[: 4 * MOST])
    return tuple(islice((each for each in found if each.gained), MOST))


def _lacking_sets(masks: FeatureMasks, offers: Sequence[CpuOffer]) -> set[frozenset[str]]:
    """Each set of hosts that lack some feature which another host has."""
    shared = intersect(masks, offers)
    groups: Counter[int] = Counter(offer.features for offer in offers)
    hosts: dict[int, set[str]] = {}
    for offer in offers:
        hosts.setdefault(offer.features, set()).add(offer.host.name)
    lacking: Mapping[int, tuple[int, ...]] = {
        place: tuple(features for features in groups if not features >> place & 1)
        for place in bits(shared.union & ~shared.features)
    }
    distinct = set(lacking.values())
    return {frozenset(name for group in each for name in hosts[group]) for each in distinct}


def _removal(
    masks: FeatureMasks, offers: Sequence[CpuOffer], now: Baseline, without: frozenset[str]
) -> Removal:
    rest = [offer for offer in offers if offer.host.name not in without]
    better = choose(masks, rest, intersect(masks, rest)).best
    features = masks.names(better.kept)
    gained = tuple(sorted(set(features) - set(now.features)))
    return Removal(tuple(sorted(without)), gained, better.model, level_of(features))
