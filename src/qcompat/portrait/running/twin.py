"""A paused twin of a running guest, on which questions are tried before the guest is asked.

The twin is the same build with the same arguments, and stand-ins for its backends; what crashes
it would have crashed the guest.
"""

from __future__ import annotations

from typing import Any

from qcompat.builds.build import Build
from qcompat.errors import CommandError, QemuDiedError, QemuTimeoutError
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.portrait.portrait import Accel
from qcompat.portrait.running.observed import Peripheral
from qcompat.portrait.running.peripherals import ask_peripherals, ask_processors, with_properties
from qcompat.portrait.running.virtio import LIST, QUEUE, STATUS
from qcompat.portrait.twin.start import Twin, started
from qcompat.qemu.process import Qemu


async def survived(build: Build, guest: Guest, accel: Accel) -> frozenset[str]:
    """The debugging commands that a twin of `guest` on `build` answers for all its devices.

    A command that the build does not have is not among them. Raises what `started` raises.
    """
    found: set[str] = set()
    guest = startable(guest)
    for commands in ((LIST, QUEUE), (STATUS,)):
        if await _survives(build, guest, accel, commands):
            found.update(commands)
    return frozenset(found)


async def answers_of_twin(build: Build, guest: Guest, accel: Accel) -> tuple[Peripheral, ...]:
    """The devices of a twin of `guest`, each with all its properties.

    Raises what `started` raises, and QemuError where the twin does not survive the questions.
    """
    async with started(Twin(build, startable(guest), accel)) as (qemu, _):

        async def ask(command: str, **arguments: Any) -> Any:
            return await qemu.execute(command, arguments)

        processors = await ask_processors(ask)
        found = await ask_peripherals(ask, await qemu.monitor("info qtree"), processors)
        return tuple([await with_properties(ask, each) for each in found])


async def _survives(build: Build, guest: Guest, accel: Accel, commands: tuple[str, ...]) -> bool:
    async with started(Twin(build, guest, accel)) as (qemu, _):
        try:
            devices: list[dict[str, Any]] = await qemu.execute(LIST)
            for device in devices:
                await _try(qemu, str(device["path"]), commands)
        except (CommandError, QemuDiedError, QemuTimeoutError):
            return False
    return True


async def _try(qemu: Qemu, path: str, commands: tuple[str, ...]) -> None:
    if QUEUE in commands:
        await qemu.execute(QUEUE, {"path": path, "queue": 0})
    if STATUS in commands:
        await qemu.execute(STATUS, {"path": path})
