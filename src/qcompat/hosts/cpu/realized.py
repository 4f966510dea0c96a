"""A guest's CPU as a build on a host realizes it: its features, and whether the guest starts."""

from __future__ import annotations

import msgspec

from qcompat.hosts.cpu.features.dependencies import dependents, drops_dependents, lost_with
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.guest_cpu import GuestCpu
from qcompat.hosts.cpu.offer import CpuOffer


class RealizedCpu(msgspec.Struct, frozen=True):
    """A guest's CPU on one host.

    `features` are what the guest gets, `unavailable` what it asks for and does not get, `refusal`
    why it does not start there (empty: it does); `unmigratable` features keep it from moving.
    """

    features: int
    unavailable: int
    refusal: str = ""
    unmigratable: int = 0
    is_known: bool = True


def realize(masks: FeatureMasks, offer: CpuOffer, guest: GuestCpu) -> RealizedCpu:
    """The guest's CPU as `offer` realizes it."""
    if refusal := _refusal(masks, offer, guest):
        return RealizedCpu(0, 0, refusal)
    definition = None if guest.is_of_host else offer.definition(guest.model)
    if definition is None and not guest.is_of_host:
        return RealizedCpu(0, 0, is_known=False)
    if is_unmigratable(guest) and not offer.capture.unmigratable and offer.is_foreign:
        return RealizedCpu(0, 0, is_known=False)
    on, off = masks.mask(guest.on), masks.mask(guest.off)
    if definition is None:
        model, available = offer.features | _refused(masks, offer), offer.features
        model |= masks.mask(offer.capture.unmigratable) if is_unmigratable(guest) else 0
    else:
        nested = on & masks.mask(("svm", "vmx"))
        model = masks.joined(definition.features)
        model |= masks.joined(definition.nested) & offer.known if nested else 0
        available = offer.features | model & ~_unavailable(offer, guest.model, model)
    asked = (model | on) & ~off
    absent = _absent(masks, offer, asked)
    asked &= ~lost_with(masks, absent, asked & ~on)
    unmigratable = masks.mask(offer.capture.unmigratable)
    vain = asked & ~(available | unmigratable) | lost_with(masks, absent, on)
    made = RealizedCpu(asked & ~vain, vain, unmigratable=asked & unmigratable & ~available)
    return msgspec.structs.replace(made, refusal=_enforced(masks, guest, vain))


def is_unmigratable(guest: GuestCpu) -> bool:
    """Whether the guest also takes what does not migrate from its host (`migratable=off`)."""
    return guest.is_of_host and not guest.says("migratable", unsaid=True)


def _refusal(masks: FeatureMasks, offer: CpuOffer, guest: GuestCpu) -> str:
    if not guest.is_of_host and offer.unavailable is not None:
        names = (offer.name_of(offer.capture.aliases.get(guest.model, guest.model)), guest.model)
        if not any(name in offer.unavailable for name in names):
            return f"this build has no CPU model {guest.model}"
    asked = masks.mask((*guest.on, *guest.off))
    if unknown := masks.names(asked & ~offer.known):
        return f"this build has no property {', '.join(unknown)}"
    refused = _refused(masks, offer) & ~masks.mask(guest.off)
    hit = refused & ~lost_with(masks, masks.mask(guest.off), refused)
    if guest.is_of_host and hit:
        return f"the kernel refuses {', '.join(masks.names(hit))} ({offer.capture.refusal})"
    return ""


def _refused(masks: FeatureMasks, offer: CpuOffer) -> int:
    return masks.mask(offer.capture.refused)


def _unavailable(offer: CpuOffer, model: str, plain: int) -> int:
    if offer.unavailable is None:
        return plain & ~offer.features
    name = offer.name_of(offer.capture.aliases.get(model, model)) or model
    return offer.unavailable.get(model, offer.unavailable.get(name, 0))


def _enforced(masks: FeatureMasks, guest: GuestCpu, vain: int) -> str:
    if not (guest.has_enforce and vain):
        return ""
    return f"enforce, and the host lacks {', '.join(masks.names(vain))}"


def _absent(masks: FeatureMasks, offer: CpuOffer, asked: int) -> int:
    """What some feature needs and was not asked for, where the build checks that."""
    if not drops_dependents(masks, offer.known):
        return 0
    return masks.mask(tuple(dependents()["qemu"])) & ~asked
