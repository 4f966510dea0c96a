"""Choosing among models: the one that says what all have in the fewest words, the newest first."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.hosts.cpu.candidate import Candidate, candidates
from qcompat.hosts.cpu.features.masks import Universe
from qcompat.hosts.cpu.intersection import Intersection
from qcompat.hosts.cpu.offer import Offer


class Choice(msgspec.Struct, frozen=True):
    """The best model, and the newest that all run as it is (empty: none of the hosts' family)."""

    best: Candidate
    as_it_is: str


def choose(universe: Universe, offers: Sequence[Offer], shared: Intersection) -> Choice:
    """Errors: UsageError where the builds have no model in common."""
    found = tuple(candidates(universe, offers, shared))
    if not found:
        raise UsageError(
            "the builds have no named CPU model in common",
            "capture with builds of closer releases, or use: qcompat cpu lines",
        )
    whole = [each for each in found if each.is_whole and each.is_of_family]
    as_it_is = max(whole, key=lambda each: each.newness).model if whole else ""
    return Choice(min(found, key=lambda each: (each.cost, *_newest_first(each))), as_it_is)


def _newest_first(candidate: Candidate) -> tuple[int, int, str]:
    size, number, name = candidate.newness
    return -size, -number, name
