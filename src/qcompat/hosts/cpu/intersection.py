"""What all offers have in common: their features, without those that need a missing one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_

import msgspec

from qcompat.hosts.cpu.features.dependencies import dependents, drops_dependents, lost_with
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.offer import CpuOffer

_AMD = frozenset({"AuthenticAMD", "HygonGenuine"})


class Intersection(msgspec.Struct, frozen=True):
    """`features` all offers have; `union` is what any has.

    `orphaned` are features that all have but that need one which some lack.
    `incompatible` are features that all have but whose layout differs.
    """

    features: int
    union: int
    orphaned: int
    incompatible: int


def intersect(masks: FeatureMasks, offers: Sequence[CpuOffer]) -> Intersection:
    """The features of all offers."""
    every = reduce(and_, (offer.features for offer in offers))
    union = reduce(or_, (offer.features for offer in offers))
    orphaned = lost_with(masks, union & ~every, every, by=("qemu", "architecture"))
    orphaned |= lost_with(masks, _never_asked(masks, offers, every), every)
    incompatible = _incompatible(masks, offers, every & ~orphaned)
    return Intersection(every & ~orphaned & ~incompatible, union, orphaned, incompatible)


def _never_asked(masks: FeatureMasks, offers: Sequence[CpuOffer], every: int) -> int:
    """What QEMU needs for some feature and not all hosts have, where a build checks the need."""
    if not any(drops_dependents(masks, offer.known) for offer in offers):
        return 0
    return masks.mask(tuple(dependents()["qemu"])) & ~every


def _incompatible(masks: FeatureMasks, offers: Sequence[CpuOffer], every: int) -> int:
    return _areas(masks, offers, every) | _nested(masks, offers, every)


def _areas(masks: FeatureMasks, offers: Sequence[CpuOffer], every: int) -> int:
    """`pku` on AMD, where processors with AVX-512 keep its register elsewhere in the XSAVE area.

    QEMU shows a guest the host's own offsets (kvm_cpu_xsave_init of target/i386/kvm/kvm-cpu.c,
    since 7.0), and a guest's saved areas are in its memory.
    """
    pku, wide = masks.bit("pku"), masks.bit("avx512f")
    has_wide = {bool(offer.features & wide) for offer in offers}
    if every & pku and len(has_wide) == 2 and {offer.vendor for offer in offers} <= _AMD:
        return pku
    return 0


def _nested(masks: FeatureMasks, offers: Sequence[CpuOffer], every: int) -> int:
    """`vmx` where some builds have names for its parts and others pass the host's through.

    The parts have names since 4.2 (FEAT_VMX_* of target/i386/cpu.c).
    """
    vmx = masks.bit("vmx")
    told = {drops_dependents(masks, offer.known) for offer in offers}
    if every & vmx and len(told) == 2:
        return vmx | every & lost_with(masks, vmx, -1)
    return 0
