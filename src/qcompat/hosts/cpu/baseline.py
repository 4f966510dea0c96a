"""One CPU definition that every host runs and that gives up the fewest features.

The features are those that all hosts have: no definition can keep more. `model_choice` finds the
model that needs the fewest changes; `unmodified` names the newest that needs none removed.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.hosts.cpu.dropped import DroppedFeature, dropped_features
from qcompat.hosts.cpu.features.levels import level_of, short_of
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.intersection import Intersection, intersect
from qcompat.hosts.cpu.model_choice import Candidate, Choice, choose
from qcompat.hosts.cpu.offer import CpuOffer


class Baseline(msgspec.Struct, frozen=True):
    """The definition. `lines` are the values of `-cpu` on each offer: with `enforce`, so that a
    start fails instead of losing a feature, and without what a build has no name for.

    `level` is the x86-64 level that `features` reach, `next_level` the first that they do not,
    and `next_lacks` what it would need. `remarks` say what is uncertain.
    """

    model: str
    vendor: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    features: tuple[str, ...]
    level: str
    next_level: str
    next_lacks: tuple[str, ...]
    dropped: tuple[DroppedFeature, ...] = msgspec.field(name="given_up")
    unmodified: str = msgspec.field(name="as_it_is")
    lines: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def baseline(masks: FeatureMasks, offers: Sequence[CpuOffer]) -> Baseline:
    """The definition for all offers. Errors: UsageError where there can be none."""
    vendor = _vendor(offers)
    shared = intersect(masks, offers)
    choice = choose(masks, offers, shared)
    return _baseline(masks, offers, shared, choice, vendor)


def _vendor(offers: Sequence[CpuOffer]) -> str:
    vendors = {offer.vendor: offer.name for offer in offers if offer.vendor}
    if len(vendors) > 1:
        told = ", ".join(f"{name} is {vendor}" for vendor, name in sorted(vendors.items()))
        raise UsageError(
            f"no CPU can be the same on hosts of several vendors: {told}",
            "make one baseline for each vendor: KVM guests do not move between them",
        )
    return next(iter(vendors), "")


def _baseline(
    masks: FeatureMasks,
    offers: Sequence[CpuOffer],
    shared: Intersection,
    choice: Choice,
    vendor: str,
) -> Baseline:
    best = choice.best
    features = masks.names(best.kept)
    next_level, next_lacks = short_of(features)
    usual = _usual_name(offers, best.model)
    lost = dropped_features(masks, offers, shared, best.kept, best.removed)
    return Baseline(
        model=best.model,
        vendor=vendor,
        added=masks.names(best.added),
        removed=masks.names(best.removed),
        features=features,
        level=level_of(features),
        next_level=next_level,
        next_lacks=next_lacks,
        dropped=lost,
        unmodified=choice.unmodified,
        lines=tuple(_line(masks, offer, best, usual) for offer in offers),
        remarks=tuple(_remarks(masks, offers, best)),
    )


def _usual_name(offers: Sequence[CpuOffer], model: str) -> str:
    """The model's name on builds that do not report theirs: the same as on the others."""
    told = (offer.name_of(model) for offer in offers if offer.unavailable is not None)
    return next(filter(None, told), model)


def _line(masks: FeatureMasks, offer: CpuOffer, best: Candidate, usual: str) -> str:
    added = (f"{name}=on" for name in masks.names(best.added))
    removed = (f"{name}=off" for name in masks.names(best.removed & offer.known))
    name = usual if offer.unavailable is None else offer.name_of(best.model) or usual
    return ",".join([name, *added, *removed, "enforce"])


def _remarks(masks: FeatureMasks, offers: Sequence[CpuOffer], best: Candidate) -> list[str]:
    remarks = []
    unmigratable = masks.mask(name for offer in offers for name in offer.capture.unmigratable)
    if names := masks.names(best.kept & unmigratable):
        remarks.append(f"QEMU migrates no guest with {', '.join(names)}")
    if best.every != best.any:
        remarks.append(
            f"the builds define {best.model} differently; the line states every difference"
        )
    if silent := [offer.name for offer in offers if offer.unavailable is None]:
        remarks.append(
            f"which models run is unknown on {', '.join(silent[:5])}"
            f"{' and others' if len(silent) > 5 else ''}; "
            "this is judged by the features and by the models of QEMU's releases"
        )
    return remarks
