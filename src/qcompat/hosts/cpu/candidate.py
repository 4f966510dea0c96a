"""A named CPU model as the base of a definition for all, and what it would take.

Every model can be the base: with features added and removed all come to the same set. The
one that needs the fewest words is the one whose family, levels and quirks fit best.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from qcompat.hosts.capture import NAMELESS
from qcompat.hosts.cpu.features.dependencies import fallen
from qcompat.hosts.cpu.features.masks import Universe
from qcompat.hosts.cpu.intersection import Intersection
from qcompat.hosts.cpu.model_names import is_versioned, version_of
from qcompat.hosts.cpu.models import shipped, vendor_of, versioned
from qcompat.hosts.cpu.offer import Offer

REMOVED_COSTS = 4
"""A feature taken from a model counts as much as four added ones: software may know the model."""
OTHER_FAMILY_COSTS = 40
"""Kernels choose workarounds by family: one that no host is of must be far nearer to be taken."""
_OLD = frozenset({"486", "qemu32", "qemu64", "kvm32", "kvm64"})
"""Models of no real processor (target/i386/cpu.c, builtin_x86_defs)."""


class Candidate(msgspec.Struct, frozen=True):
    """A versioned model with the features to add and remove, all as masks.

    `every` is what all builds define the model to be, `any` what some do, `kept` what the guest
    gets. `lacking` is what some host lacks of it, by that host's own word. `nested` are the
    parts of nested virtualisation, which come by the dozen and say nothing of a model.
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
        """Whether nothing but parts of nested virtualisation is taken from the model."""
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
    universe: Universe, offers: Sequence[Offer], shared: Intersection
) -> Iterator[Candidate]:
    """All models that every build has, of the hosts' vendor where there are such."""
    families = {offer.values.get("family") for offer in offers} - {None}
    vendors = {offer.vendor for offer in offers}
    offers = tuple({_kind(offer): offer for offer in offers}.values())
    for model in _of_vendor(sorted(_versioned_of(offers)), vendors):
        found = _candidate(universe, offers, shared, model)
        if found is not None:
            of_family = not families or _family(offers, model) in families
            yield msgspec.structs.replace(found, is_of_family=of_family)


def _kind(offer: Offer) -> tuple[object, ...]:
    """Equal for offers that say the same of every model; a binary defines them but once."""
    capture, lacking = offer.capture, offer.unavailable
    binary = capture.identity.sha256 if capture.identity else ""
    who = (binary or id(capture)) if capture.definitions else tuple(capture.aliases.items())
    return who, offer.known, offer.features if lacking is None else tuple(lacking.items())


def _of_vendor(models: Sequence[str], vendors: Collection[str]) -> Sequence[str]:
    own = [model for model in models if vendor_of(model) in (*vendors, "")]
    return [m for m in models if m in own or version_of(m)[0] in _OLD] if own else models


def _versioned_of(offers: Sequence[Offer]) -> set[str]:
    """The versioned models that all builds have under some name."""
    listed = [
        {versioned(name) for name in offer.unavailable}
        for offer in {id(o.unavailable): o for o in offers}.values()
        if offer.unavailable is not None
    ]
    found = set.intersection(*listed) if listed else set(shipped().models)
    return {name for name in found if is_versioned(name)}


def _candidate(
    universe: Universe, offers: Sequence[Offer], shared: Intersection, model: str
) -> Candidate | None:
    every, some, lacking = -1, 0, 0
    nested = bool(shared.features & universe.mask(("svm", "vmx")))
    for offer in offers:
        definition = offer.definition(model)
        if definition is None:
            return None
        plain = universe.joined(definition.features)
        more = universe.joined(definition.nested) & offer.known if nested else 0
        every, some = every & (plain | more), some | plain | more
        lacking |= _lacking(offer, model, plain) | more & ~shared.features
    if lacking & universe.bit(NAMELESS):
        return None
    kept = (shared.features | every & ~lacking) & ~(shared.torn | shared.unlike)
    parts = fallen(universe, universe.mask(("svm", "vmx")), -1)
    return Candidate(model, every, some, kept, lacking, parts, True)


def _lacking(offer: Offer, model: str, plain: int) -> int:
    """By the host's own word where it has one, else by its features."""
    if offer.unavailable is None:
        return plain & ~offer.features
    return offer.unavailable.get(offer.name_of(model) or model, 0)


def _family(offers: Sequence[Offer], model: str) -> object:
    definition = offers[0].definition(model)
    return definition.values.get("family") if definition else None
