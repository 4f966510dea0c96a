"""Running the firmware until it is idle.

Firmware that finds nothing to boot waits (SeaBIOS and OVMF halt the processor between looks at
the clock). It counts as idle when the first processor was halted in several samples in a row.
"""

from __future__ import annotations

import asyncio
import re

from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel
from qcompat.portrait.twin.memory import hold
from qcompat.qemu.memory_watch import memory_here
from qcompat.qemu.process import Qemu

MOST_SECONDS = 30.0
_SAMPLES = 6
_PAUSE = 0.15
_HALTED = re.compile(r"\bHLT=1\b")


def why_not(guest: Guest, accel: Accel) -> str:
    """Why the firmware of this guest is better not run here; empty if it can be.

    A guest that runs under KVM has its memory known to KVM, which may need tables of it
    (`builds.run.kvm_memory`): 2.5 GB for each TB.
    """
    held = hold(guest.arguments, lambda block: block.id, can_look=True)
    size, (_, total) = sum(block.size for block in held.blocks), memory_here()
    return _LARGER if accel == "kvm" and size > total else ""


_LARGER = "the guest is larger than this machine: this is the guest before its firmware runs"


async def run_firmware(qemu: Qemu, *, seconds: float = MOST_SECONDS) -> bool:
    """Run the guest until its firmware is idle or `seconds` are over, then stop it.

    Returns whether the firmware got idle.
    """
    await qemu.execute("cont")
    halted = 0
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while halted < _SAMPLES and loop.time() < end:
        await asyncio.sleep(_PAUSE)
        halted = halted + 1 if await is_halted(qemu) else 0
    await qemu.execute("stop")
    return halted >= _SAMPLES


async def is_halted(qemu: Qemu) -> bool:
    """Whether the first processor waits for an interrupt."""
    return _HALTED.search(await qemu.monitor("info registers")) is not None
