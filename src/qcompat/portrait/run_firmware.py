"""Running the firmware until it is idle.

Firmware that finds nothing to boot waits (SeaBIOS and OVMF halt the processor between looks at
the clock). It counts as idle when the first processor was halted in several samples in a row.
"""

from __future__ import annotations

import asyncio
import re

from qcompat.qemu.process import Qemu

MOST_SECONDS = 30.0
_SAMPLES = 6
_PAUSE = 0.15
_HALTED = re.compile(r"\bHLT=1\b")


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
        registers = await qemu.monitor("info registers")
        halted = halted + 1 if _HALTED.search(registers) else 0
    await qemu.execute("stop")
    return halted >= _SAMPLES
