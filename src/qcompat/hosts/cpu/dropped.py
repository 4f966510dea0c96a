"""What a definition for all gives up, and which hosts are to blame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from qcompat.hosts.cpu.features.dependencies import needs_of
from qcompat.hosts.cpu.features.masks import Universe
from qcompat.hosts.cpu.intersection import Intersection
from qcompat.hosts.cpu.offer import Offer


class GivenUp(msgspec.Struct, frozen=True):
    """A feature that some host or the chosen model has and the guest does not get.

    `lacking` are the hosts that do not have it; empty where it goes for another `reason`.
    """

    feature: str
    lacking: tuple[str, ...]
    reason: str = ""


def given_up(
    universe: Universe, offers: Sequence[Offer], shared: Intersection, kept: int, asked: int = 0
) -> tuple[GivenUp, ...]:
    """What of the union, and of the features `asked` for besides, is not `kept`."""
    return tuple(_each(universe, offers, shared, (shared.union | asked) & ~kept))


def _each(
    universe: Universe, offers: Sequence[Offer], shared: Intersection, lost: int
) -> Iterator[GivenUp]:
    for name in universe.names(lost):
        bit = universe.bit(name)
        if not shared.union & bit:
            yield GivenUp(name, (), "the model has it, and no host does")
            continue
        lacking = tuple(offer.name for offer in offers if not offer.features & bit)
        yield GivenUp(name, lacking, "" if lacking else _reason(universe, shared, name))


def _reason(universe: Universe, shared: Intersection, name: str) -> str:
    if name.startswith("vmx"):
        return "some builds have no names for the parts of vmx, so it cannot be made equal"
    if shared.unlike & universe.bit(name):
        return "its registers lie elsewhere in the XSAVE area where the host has avx512f"
    missing = universe.mask(needs_of(name)) & ~shared.features
    return f"needs {', '.join(universe.names(missing))}, which not all have"
