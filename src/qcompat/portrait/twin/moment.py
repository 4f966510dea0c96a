"""Running a twin to the moment at which it is looked at."""

from __future__ import annotations

from qcompat.portrait.portrait import Cpu, Moment
from qcompat.portrait.run_firmware import run_firmware
from qcompat.portrait.twin.boot import boot
from qcompat.portrait.twin.start import Twin
from qcompat.qemu.process import Qemu


async def reach(qemu: Qemu, twin: Twin, moment: Moment, cpu: Cpu | None = None) -> bool:
    """Run it, and stop it then; False where its firmware does not get idle in time.

    `cpu` is what is known of its processors. Errors: as `boot`.
    """
    if moment == "firmware":
        return await run_firmware(qemu)
    if moment == "booted":
        await boot(qemu, twin.guest, cpu, twin.accel)
    return True
