"""What processor a guest finds after it was really loaded: CPUID is not in the stream."""

from __future__ import annotations

from typing import BinaryIO

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import QemuError
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.portrait.cpu import ask_cpu
from qcompat.portrait.portrait import Accel, FeatureWord
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import load


async def words_after_load(
    build: Build, guest: Guest, stream: BinaryIO, accel: Accel
) -> tuple[FeatureWord, ...] | None:
    """The feature words that the loaded guest's processors have; None where it did not load."""
    guest = startable(guest)
    prefix = command(build, kvm=accel == "kvm", network_namespace=guest.network_namespace)
    arguments = ["-accel", accel, "-incoming", "defer", *guest.arguments]
    try:
        async with launch(prefix, arguments) as qemu:
            stream.seek(0)
            await load(qemu, stream)
            cpu, _ = await ask_cpu(qemu, guest.arguments)
    except QemuError:
        return None
    return cpu.words if cpu else None
