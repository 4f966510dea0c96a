"""The features that a definition for all hosts drops, and the hosts that lack them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from qcompat.hosts.cpu.features.dependencies import needs_of
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.intersection import Intersection
from qcompat.hosts.cpu.offer import CpuOffer


class DroppedFeature(msgspec.Struct, frozen=True):
    """A feature that some host or the chosen model has and the guest does not get.

    `lacking` are the hosts that do not have it; empty where there is another `reason`.
    """

    feature: str
    lacking: tuple[str, ...]
    reason: str = ""


def dropped_features(
    masks: FeatureMasks, offers: Sequence[CpuOffer], shared: Intersection, kept: int, asked: int = 0
) -> tuple[DroppedFeature, ...]:
    """What of the union, and of the features `asked` for beside it, is not `kept`."""
    return tuple(_each(masks, offers, shared, (shared.union | asked) & ~kept))


def _each(
    masks: FeatureMasks, offers: Sequence[CpuOffer], shared: Intersection, lost: int
) -> Iterator[DroppedFeature]:
    for name in masks.names(lost):
        bit = masks.bit(name)
        if not shared.union & bit:
            yield DroppedFeature(name, (), "the model has it, no host does")
            continue
        lacking = tuple(offer.name for offer in offers if not offer.features & bit)
        yield DroppedFeature(name, lacking, "" if lacking else _reason(masks, shared, name))


def _reason(masks: FeatureMasks, shared: Intersection, name: str) -> str:
    if name.startswith("vmx"):
        return "some builds have no names for the parts of vmx, so they cannot be made equal"
    if shared.incompatible & masks.bit(name):
        return "its registers are elsewhere in the XSAVE area where the host has avx512f"
    missing = masks.mask(needs_of(name)) & ~shared.features
    return f"needs {', '.join(masks.names(missing))}, which not all hosts have"
