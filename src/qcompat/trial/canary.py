"""The canary: a paused guest saved on one build and loaded by another.

It is the truth that verdicts at the moment `reset` are scored against. One save serves any
number of loads.
"""

from __future__ import annotations

from typing import BinaryIO

from qcompat.builds.build import Build
from qcompat.builds.command import command
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel
from qcompat.qemu.arrival import arrive
from qcompat.qemu.outcome import Outcome


async def load_canary(
    target: Build, guest: Guest, stream: BinaryIO, *, accel: Accel = "kvm"
) -> Outcome:
    """Start `guest` on `target`, waiting, and give it the saved `stream`."""
    prefix = command(target, kvm=accel == "kvm", network_namespace=guest.network_namespace)
    return await arrive(prefix, ["-accel", accel, *guest.arguments], stream)
