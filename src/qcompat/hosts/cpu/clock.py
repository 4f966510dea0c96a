"""The clock of a guest between two hosts: its TSC keeps its rate, changes it, or cannot start.

QEMU sets the rate that came with the stream and only warns where the host cannot run it; with
the guest's own `tsc-frequency` it ends instead (kvm_arch_set_tsc_khz and its callers,
target/i386/kvm/kvm.c of 10.0). Without KVM QEMU keeps the guest's ticks itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from qcompat.hosts.cpu.guest_cpu import GuestCpu
from qcompat.hosts.cpu.offer import CpuOffer

TSC_PER_MILLION = 250
"""How far two clocks may differ to count as the same (KVM's tsc_tolerance_ppm, Linux)."""

Clock = Literal["kept", "changed", "refused", "untold"]


def clock_of(source: CpuOffer, target: CpuOffer, guest: GuestCpu) -> Clock:
    """What happens to the guest's clock when it moves."""
    khz = guest.khz
    if target.capture.accelerator != "kvm":
        return "kept"
    if khz is None:
        agree = clocks_agree((source, target))
        return "untold" if agree is None else "kept" if agree else "changed"
    runs = _runs(target, khz)
    return "untold" if runs is None else "kept" if runs else "refused"


def clocks_agree(offers: Sequence[CpuOffer]) -> bool | None:
    """Whether a guest's clock keeps its rate on every host; None where that is unknown."""
    rates = [offer.host.tsc.khz for offer in offers]
    if all(offer.host.tsc.has_scaling for offer in offers):
        return True
    known = [rate for rate in rates if rate]
    if len(known) < len(rates):
        return None
    return _are_one_rate(min(known), max(known))


def _are_one_rate(one: int, other: int) -> bool:
    """Whether two rates are within KVM's tolerance."""
    return abs(other - one) * 1_000_000 <= TSC_PER_MILLION * min(one, other)


def _runs(offer: CpuOffer, khz: int) -> bool | None:
    """Whether the host gives a guest this rate; None where the capture does not say."""
    tsc = offer.host.tsc
    if tsc.has_scaling:
        return True
    if tsc.khz is None:
        return None
    return _are_one_rate(tsc.khz, khz) or (False if tsc.has_scaling is False else None)
