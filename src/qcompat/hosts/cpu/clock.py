"""The clock of a guest between two hosts: its TSC keeps its rate, changes it, or cannot start.

QEMU sets the rate that came with the stream and only warns where the host cannot run it; with
the guest's own `tsc-frequency` it ends instead (kvm_arch_set_tsc_khz and its callers,
target/i386/kvm/kvm.c of 10.0). Without KVM QEMU keeps the guest's ticks itself.
"""

from __future__ import annotations

from typing import Literal

from qcompat.hosts.cpu.guest_cpu import GuestCpu
from qcompat.hosts.cpu.offer import Offer
from qcompat.hosts.cpu.values import are_one_rate, clocks_agree

Clock = Literal["kept", "changed", "refused", "untold"]


def clock_of(source: Offer, target: Offer, guest: GuestCpu) -> Clock:
    """What becomes of the guest's clock on its way."""
    khz = guest.khz
    if target.capture.accelerator != "kvm":
        return "kept"
    if khz is None:
        agree = clocks_agree((source, target))
        return "untold" if agree is None else "kept" if agree else "changed"
    runs = _runs(target, khz)
    return "untold" if runs is None else "kept" if runs else "refused"


def _runs(offer: Offer, khz: int) -> bool | None:
    """Whether the host gives a guest this rate; None where it does not tell."""
    tsc = offer.host.tsc
    if tsc.has_scaling:
        return True
    if tsc.khz is None:
        return None
    return are_one_rate(tsc.khz, khz) or (False if tsc.has_scaling is False else None)
