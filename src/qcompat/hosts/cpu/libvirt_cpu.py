"""A baseline in libvirt's terms: a model that it knows, and every feature in which that differs.

libvirt hands a model's name to QEMU, and believes of it what its own map says. Where QEMU, another
release of QEMU, or another libvirt defines the model otherwise (`svm` and `rdtscp` of AMD's,
`mpx`), the feature is stated, so that all of them mean the same processor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.hosts.cpu.baseline import Baseline
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.features.names import canonical, names
from qcompat.hosts.cpu.libvirt_models import LibvirtModel, libvirt_models
from qcompat.hosts.cpu.model_choice import OTHER_FAMILY_COSTS, REMOVED_COSTS
from qcompat.hosts.cpu.models import vendor_of, version_of, versioned
from qcompat.hosts.cpu.offer import CpuOffer


class LibvirtCpu(msgspec.Struct, frozen=True):
    """A `<cpu>`: features as libvirt spells them. `nameless` are QEMU's names of features that the
    baseline keeps and the guest will not have, since not every libvirt knows them.
    """

    model: str
    required: tuple[str, ...]
    disabled: tuple[str, ...]
    nameless: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """As of a candidate for a baseline."""
        return len(self.required) + len(self.nameless) + REMOVED_COSTS * len(self.disabled)


def libvirt_cpu(masks: FeatureMasks, offers: Sequence[CpuOffer], found: Baseline) -> LibvirtCpu:
    """The baseline with the fewest differences. Errors: UsageError where libvirt has no model."""
    plain = version_of(found.model)[0]
    made = [(_cost(each, plain), each.model, each) for each in _all(masks, offers, found)]
    if not made:
        raise UsageError(
            "libvirt and all the builds have no CPU model in common",
            "leave out --form xml: the line is QEMU's own",
        )
    return min(made, key=lambda each: each[:2])[2]


def _cost(cpu: LibvirtCpu, plain: str) -> int:
    """A model of another name may be another family."""
    name = version_of(versioned(cpu.model))[0]
    return cpu.cost + (0 if name == plain else OTHER_FAMILY_COSTS)


def _all(masks: FeatureMasks, offers: Sequence[CpuOffer], found: Baseline) -> Iterator[LibvirtCpu]:
    vendor = vendor_of(found.model)
    for name, model in libvirt_models().models.items():
        if vendor_of(versioned(name)) == vendor and all(_has(offer, name) for offer in offers):
            yield _stated(masks, offers, found, name, model)


def _has(offer: CpuOffer, name: str) -> bool:
    """Whether the build has the model, which has its plain name too, and it is known of what."""
    model = versioned(name)
    return offer.name_of(model) is not None and offer.definition(model) is not None


def _stated(
    masks: FeatureMasks,
    offers: Sequence[CpuOffer],
    found: Baseline,
    name: str,
    model: LibvirtModel,
) -> LibvirtCpu:
    kept = frozenset(found.features)
    every, some = _names(model.every), _names(model.every) | _names(model.some)
    for offer in offers:
        definition = offer.definition(versioned(name))
        own = masks.names(masks.joined(definition.features)) if definition else ()
        every, some = every & frozenset(own), some | frozenset(own)
    spelled = _spelled()
    return LibvirtCpu(
        name,
        tuple(sorted(spelled[each] for each in kept - every if each in spelled)),
        tuple(sorted(spelled[each] for each in some - kept if each in spelled)),
        tuple(sorted(kept - some - spelled.keys() - _given_anyway(kept))),
    )


def _names(joined: str) -> frozenset[str]:
    return frozenset(map(canonical, joined.split()))


def _spelled() -> dict[str, str]:
    """QEMU's names and libvirt's, of the features that every libvirt knows."""
    known = frozenset(libvirt_models().features.split())
    return {ours: theirs for ours, theirs in names().libvirt.items() if theirs in known}


def _given_anyway(kept: frozenset[str]) -> frozenset[str]:
    """KVM's paravirtual ones, which QEMU gives every guest, and the parts of `vmx`."""
    return frozenset(each for each in kept if each.startswith(("kvm", "vmx-", "hv-")))
