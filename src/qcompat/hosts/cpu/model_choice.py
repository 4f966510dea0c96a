"""Choosing the named CPU model that a definition for all hosts starts from.

Every model can be the base: with features added and removed each gives the same set. The one
that needs the fewest changes is the one whose family, levels and quirks fit best.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.hosts.capture import NAMELESS
from qcompat.hosts.cpu.features.dependencies import lost_with
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.intersection import Intersection
from qcompat.hosts.cpu.models import is_versioned, shipped, vendor_of, version_of, versioned
from qcompat.hosts.cpu.offer import CpuOffer
from qcompat.hosts.cpu.values import EQUAL

REMOVED_COSTS = 4
"""A removed feature costs as much as four added ones: software may know the model."""
OTHER_FAMILY_COSTS = 40
"""Kernels choose workarounds by family: one that no host has must fit far better to be chosen."""
_OLD = frozenset({"486", "qemu32", "qemu64", "kvm32", "kvm64"})
"""Models that are no real processor (target/i386/cpu.c, builtin_x86_defs)."""


class Candidate(msgspec.Struct, frozen=True):
    """A versioned model with the features to add and remove, all as masks.

    `every` is in all builds' definitions of the model, `any` in some, `kept` is what the guest
    gets. `lacking` is what some host reports to lack of it. `nested` are the parts of nested
    virtualisation: there are dozens, and they say nothing about a model.
    """

    model: str
    every: int
    any: int
    kept: int
    lacking: int
    nested: int
    is_of_family: bool

    @property
    def added(self) -> int:
        return self.kept & ~self.every

    @property
    def removed(self) -> int:
        return self.any & ~self.kept

    @property
    def is_whole(self) -> bool:
        """Whether only parts of nested virtualisation are removed from the model."""
        return not self.removed & ~self.nested

    @property
    def cost(self) -> int:
        added, removed = self.added & ~self.nested, self.removed & ~self.nested
        words = added.bit_count() + REMOVED_COSTS * removed.bit_count()
        return words + (0 if self.is_of_family else OTHER_FAMILY_COSTS)

    @property
    def newness(self) -> tuple[int, int, str]:
        """More features, then the higher version."""
        return (self.any & ~self.nested).bit_count(), version_of(self.model)[1], self.model


def candidates(
    masks: FeatureMasks, offers: Sequence[CpuOffer], shared: Intersection
) -> Iterator[Candidate]:
    """All models that every build has; only those of the hosts' vendor where there are any."""
    families = {offer.values.get("family") for offer in offers} - {None}
    vendors = {offer.vendor for offer in offers}
    offers = tuple({_kind(offer): offer for offer in offers}.values())
    for model in _of_vendor(sorted(_versioned_of(offers)), vendors):
        found = _candidate(masks, offers, shared, model)
        if found is not None:
            of_family = not families or _family(offers, model) in families
            yield msgspec.structs.replace(found, is_of_family=of_family)


def _kind(offer: CpuOffer) -> tuple[object, ...]:
    """Equal for offers that agree on every model; one binary defines them only once."""
    capture, lacking = offer.capture, offer.unavailable
    binary = capture.identity.sha256 if capture.identity else ""
    who = (binary or id(capture)) if capture.definitions else tuple(capture.aliases.items())
    return who, offer.known, offer.features if lacking is None else tuple(lacking.items())


def _of_vendor(models: Sequence[str], vendors: Collection[str]) -> Sequence[str]:
    own = [model for model in models if vendor_of(model) in (*vendors, "")]
    return [m for m in models if m in own or version_of(m)[0] in _OLD] if own else models


def _versioned_of(offers: Sequence[CpuOffer]) -> set[str]:
    """The versioned models that all builds have under some name."""
    listed = [
        {versioned(name) for name in offer.unavailable}
        for offer in {id(o.unavailable): o for o in offers}.values()
        if offer.unavailable is not None
    ]
    found = set.intersection(*listed) if listed else set(shipped().models)
    return {name for name in found if is_versioned(name)}


def _candidate(
    masks: FeatureMasks, offers: Sequence[CpuOffer], shared: Intersection, model: str
) -> Candidate | None:
    every, some, lacking = -1, 0, 0
    nested = bool(shared.features & masks.mask(("svm", "vmx")))
    for offer in offers:
        definition = offer.definition(model)
        if definition is None:
            return None
        plain = masks.joined(definition.features)
        more = masks.joined(definition.nested) & offer.known if nested else 0
        every, some = every & (plain | more), some | plain | more
        lacking |= _lacking(offer, model, plain) | more & ~shared.features
    if lacking & masks.bit(NAMELESS) or _has_two_identities(offers, model):
        return None
    kept = (shared.features | every & ~lacking) & ~(shared.orphaned | shared.incompatible)
    parts = lost_with(masks, masks.mask(("svm", "vmx")), -1)
    return Candidate(model, every, some, kept, lacking, parts, True)


def _has_two_identities(offers: Sequence[CpuOffer], model: str) -> bool:
    """Whether builds give the model other values that a guest sees, such as qemu64's family."""
    told = [each.values for offer in offers if (each := offer.definition(model))]
    return any(len({values.get(name) for values in told} - {None}) > 1 for name in EQUAL)


def _lacking(offer: CpuOffer, model: str, plain: int) -> int:
    """What the host reports, else what its features show."""
    if offer.unavailable is None:
        return plain & ~offer.features
    return offer.unavailable.get(offer.name_of(model) or model, 0)


def _family(offers: Sequence[CpuOffer], model: str) -> object:
    definition = offers[0].definition(model)
    return definition.values.get("family") if definition else None


class Choice(msgspec.Struct, frozen=True):
    """The best model, and the newest that all run unmodified (empty: none of the hosts' family)."""

    best: Candidate
    unmodified: str


def choose(masks: FeatureMasks, offers: Sequence[CpuOffer], shared: Intersection) -> Choice:
    """Errors: UsageError where the builds have no model in common."""
    found = tuple(candidates(masks, offers, shared))
    if not found:
        raise UsageError(
            "the builds have no named CPU model in common",
            "capture with builds of closer releases, or use: qcompat cpu lines",
        )
    whole = [each for each in found if each.is_whole and each.is_of_family]
    unmodified = max(whole, key=lambda each: each.newness).model if whole else ""
    return Choice(min(found, key=lambda each: (each.cost, *_newest_first(each))), unmodified)


def _newest_first(candidate: Candidate) -> tuple[int, int, str]:
    size, number, name = candidate.newness
    return -size, -number, name
