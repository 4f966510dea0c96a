"""The accelerator that a command line asks for, and what it means if another one runs the guest.

It is no part of a guest (`guest.Guest`): a migration takes it to any. But the guest sees it (the
features of its processor), and so does its state (the kernel's own devices, its clock).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qcompat.guest.guest import Guest, Uncovered
from qcompat.guest.option import Option


def accelerators(options: Iterable[Option]) -> tuple[str, ...]:
    """Those that a line asks for, first choice first; none where it leaves that to QEMU.

    (`-accel`, `-machine accel=A:B`, `-enable-kvm`.)
    """
    found: list[str] = []
    for option in options:
        if option.name == "enable-kvm":
            found.append("kvm")
        elif option.name == "accel":
            found.append(option.get("accel"))
        elif option.name == "machine":
            found += option.get("accel").split(":")
    return tuple(dict.fromkeys(filter(None, found)))


def run_by(guest: Guest, accel: str) -> Guest:
    """The guest as `accel` runs it: where its line asks for another, that is named. Idempotent."""
    if not guest.accelerators or guest.accelerators[0] == accel:
        return guest
    asked = guest.accelerators[0]
    note = Uncovered(
        f"-accel {asked}",
        f"the answer stands on {accel}, which ran the guest here: what {asked} alone makes of it"
        " (features of the processor, devices and clock of the kernel) is not compared",
        loses="nothing",
    )
    return msgspec.structs.replace(guest, uncovered=tuple(dict.fromkeys((*guest.uncovered, note))))
