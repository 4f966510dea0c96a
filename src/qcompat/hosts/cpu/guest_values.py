"""What a guest takes from its host besides features: identity, address width, caches.

A named model has its own values, except for the vendor and what the guest's own properties take
from the host. With `host` and `max` all of them are the host's. Changes and unknown values are
kept apart, since an unknown value can never be `ok`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.hosts.capture import Value
from qcompat.hosts.cpu.guest_cpu import GuestCpu
from qcompat.hosts.cpu.offer import CpuOffer
from qcompat.hosts.cpu.values import EQUAL, value_of

Ends = tuple[CpuOffer, CpuOffer]
_LEVELS = ("level", "xlevel")


class ValueChanges(msgspec.Struct, frozen=True):
    """A value that changes for the guest."""

    name: str
    source: Value | None
    target: Value | None


class GuestValues(msgspec.Struct, frozen=True):
    """What changes for a guest, and the names of what a capture does not state."""

    changes: tuple[ValueChanges, ...]
    untold: tuple[str, ...]


def guest_values(ends: Ends, guest: GuestCpu) -> GuestValues:
    """The values that the guest takes from both its hosts, compared."""
    names = tuple(_names(ends, guest))
    seen = [ValueChanges(name, *(_of_guest(name, end, guest) for end in ends)) for name in names]
    silent = tuple(each.name for each in seen if None in (each.source, each.target))
    changes = (each for each in seen if each.name not in silent and each.source != each.target)
    return GuestValues(tuple(changes), silent if _has_kvm(ends) else ())


def _has_kvm(ends: Ends) -> bool:
    """Without KVM no value is the host's: `max` has the values that its build gives it."""
    return ends[0].capture.accelerator == "kvm"


def _names(ends: Ends, guest: GuestCpu) -> Iterator[str]:
    names = ("vendor", *EQUAL, *_LEVELS) if guest.is_of_host else ("vendor",)
    yield from (name for name in names if name not in guest.others)
    if _has_host_width(ends[0], guest):
        yield "phys-bits"
    if guest.says("host-cache-info"):
        yield "caches"
    if guest.says("hv-passthrough"):
        yield "hv-passthrough"


def _has_host_width(offer: CpuOffer, guest: GuestCpu) -> bool:
    """Whether physical addresses are as wide as the host's; `phys-bits` is then ignored.

    `host` and `max` turn it on where the host's processor runs the guest
    (host_cpu_adjust_phys_bits and host_cpu_max_instance_init of target/i386/host-cpu.c, 10.0).
    """
    is_usual = guest.is_of_host and _has_kvm((offer, offer))
    return guest.says("host-phys-bits", unsaid=is_usual)


def _of_guest(name: str, offer: CpuOffer, guest: GuestCpu) -> Value | None:
    match name:
        case "vendor":
            return offer.vendor or None
        case "caches":
            return "; ".join(offer.host.processor.caches) or None
        case "phys-bits":
            return _limited(value_of(offer, name), guest.number("host-phys-bits-limit"))
    return value_of(offer, name)


def _limited(width: Value | None, limit: int | None) -> Value | None:
    return min(width, limit) if isinstance(width, int) and limit else width


def too_narrow(target: CpuOffer, guest: GuestCpu) -> str:
    """Why the guest's own address width does not fit the target; empty where it fits."""
    asked, has = guest.number("phys-bits"), value_of(target, "phys-bits")
    if _has_host_width(target, guest) or not asked or not isinstance(has, int) or asked <= has:
        return ""
    return f"the guest's addresses have {asked} bits, those of {target.name} have {has}"
