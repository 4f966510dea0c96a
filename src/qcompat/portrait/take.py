"""Taking a portrait: one launch of the paused guest, everything asked of it, then its end.

The order matters: questions that only look come first, then the stream is saved, then what
disturbs the machine (bus numbers, write masks, firmware files). A part that fails becomes a
gap; a build that refuses the guest, cannot save it or crashes becomes a refusal.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

from qcompat.builds.build import Build
from qcompat.builds.command import command
from qcompat.builds.facts import BuildFacts
from qcompat.errors import (
    CommandError,
    LaunchError,
    QcompatError,
    QemuDiedError,
    QemuTimeoutError,
    StreamError,
)
from qcompat.guest.guest import Guest
from qcompat.portrait.config_space import ConfigSpace, Place
from qcompat.portrait.cpu import ask_cpu
from qcompat.portrait.firmware import FwCfg
from qcompat.portrait.memory import read_ramblock
from qcompat.portrait.portrait import (
    Accel,
    Cpu,
    Device,
    FirmwareFile,
    Gap,
    MemoryBlock,
    Moment,
    PciFunction,
    Portrait,
    Refusal,
    VirtioDevice,
)
from qcompat.portrait.qtree import read_qtree
from qcompat.portrait.settle import run_firmware
from qcompat.portrait.transport import read_virtio
from qcompat.qemu.arrival import arrive
from qcompat.qemu.migration import save
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu, launch
from qcompat.stream.model import Stream
from qcompat.stream.reader import read

_T = TypeVar("_T")
_LOG_KEPT = 4096


@dataclass
class _Sitting:
    """What one launch has yielded so far."""

    machine: str = ""
    devices: tuple[Device, ...] = ()
    memory: tuple[MemoryBlock, ...] = ()
    cpu: Cpu | None = None
    stream: Stream | None = None
    pci: tuple[PciFunction, ...] = ()
    virtio: tuple[VirtioDevice, ...] = ()
    firmware: tuple[FirmwareFile, ...] = ()
    own_load: Outcome | None = None
    refusal: Refusal | None = None
    gaps: list[Gap] = field(default_factory=list)
    log: str = ""

    def died(self, error: QemuDiedError) -> None:
        """QEMU ended unasked: with a stream at hand that is a gap, without one a refusal."""
        if self.stream is None and self.refusal is None:
            self.refusal = Refusal("crash", error.message)
        self.gaps.append(Gap("after a crash", error.message))
        self.log = error.log


async def take(
    build: Build,
    guest: Guest,
    facts: BuildFacts,
    *,
    moment: Moment = "reset",
    accel: Accel = "kvm",
    keep: BinaryIO | None = None,
) -> Portrait:
    """Start `guest` on `build` and describe what the build makes of it.

    The raw stream, guest memory included, is left in the file `keep` where one is given.
    Raises only what is not the guest's doing: a build that cannot run here, a QEMU that hangs
    before it can be asked anything, a full disk.
    """
    sitting = _Sitting()
    prefix = command(build, kvm=accel == "kvm", network_namespace=guest.network_namespace)
    arguments = ["-accel", accel, *guest.arguments]
    with tempfile.TemporaryFile(prefix="qcompat-") as temporary:
        file = keep or temporary
        try:
            async with launch(prefix, arguments) as qemu:
                await _look(sitting, qemu, guest)
                if moment == "firmware" and not await run_firmware(qemu):
                    sitting.gaps.append(Gap("moment", "the firmware did not settle in time"))
                await _save(sitting, qemu, file)
                await _finish(sitting, qemu, arrive(prefix, arguments, file))
                sitting.log = qemu.log
        except LaunchError as error:
            message = error.message.removeprefix("QEMU refused to start: ")
            sitting.refusal = Refusal("start", message)
            sitting.log = error.log
        except QemuDiedError as error:
            sitting.died(error)
    return _portrait(build, guest, facts, moment, accel, sitting)


async def _finish(sitting: _Sitting, qemu: Qemu, own_load: Coroutine[None, None, Outcome]) -> None:
    """What disturbs the machine, and meanwhile a second one loads the stream."""
    if sitting.stream is None:
        own_load.close()
        await _disturb(sitting, qemu)
        return
    loading = asyncio.create_task(own_load)
    try:
        await _disturb(sitting, qemu)
    finally:
        sitting.own_load = await loading


async def _look(sitting: _Sitting, qemu: Qemu, guest: Guest) -> None:
    machine = await qemu.execute("qom-get", {"path": "/machine", "property": "type"})
    sitting.machine = str(machine).removesuffix("-machine")
    sitting.devices = read_qtree(await qemu.monitor("info qtree"))
    sitting.memory = read_ramblock(await qemu.monitor("info ramblock"))
    sitting.cpu, gaps = await ask_cpu(qemu, guest.arguments)
    sitting.gaps += gaps


async def _save(sitting: _Sitting, qemu: Qemu, file: BinaryIO) -> None:
    try:
        await save(qemu, file)
    except (CommandError, QemuTimeoutError) as error:
        sitting.refusal = Refusal("save", error.message)
        return
    file.seek(0)
    try:
        sitting.stream = read(file)
    except StreamError as error:
        sitting.refusal = Refusal("save", f"its stream cannot be read: {error.message}")


async def _disturb(sitting: _Sitting, qemu: Qemu) -> None:
    space = ConfigSpace(qemu.qtest)
    places: list[Place] = await _part(sitting, "pci", space.functions, [])
    configs = {place: await space.config(place) for place in places}
    virtio = [await read_virtio(space, qemu.qtest, p, c) for p, c in configs.items()]
    sitting.virtio = tuple(device for device in virtio if device)
    fw_cfg = FwCfg(qemu.qtest)
    sitting.firmware = await _part(sitting, "firmware", lambda: _firmware(fw_cfg), ())
    masks = await _masks(space, configs)
    sitting.pci = tuple(
        PciFunction(place.address, config, masks.get(place, b""))
        for place, config in configs.items()
    )


async def _firmware(fw_cfg: FwCfg) -> tuple[FirmwareFile, ...]:
    return await fw_cfg.files() if await fw_cfg.is_readable() else ()


async def _masks(space: ConfigSpace, configs: dict[Place, bytes]) -> dict[Place, bytes]:
    """Measured leaf first, since a bridge under test hides what is behind it."""
    return {place: await space.writable(place, configs[place]) for place in reversed(configs)}


async def _part(sitting: _Sitting, name: str, ask: Callable[[], Awaitable[_T]], nothing: _T) -> _T:
    """Ask for one part; on an answer that is an error record a gap."""
    try:
        return await ask()
    except QemuDiedError:
        raise
    except (QcompatError, ValueError) as error:
        sitting.gaps.append(Gap(name, str(error)))
        return nothing


def _portrait(
    build: Build, guest: Guest, facts: BuildFacts, moment: Moment, accel: Accel, sitting: _Sitting
) -> Portrait:
    return Portrait(
        build=build.name,
        identity=build.identity,
        guest=guest,
        moment=moment,
        accel=accel,
        machine=sitting.machine,
        devices=sitting.devices,
        stream=sitting.stream,
        pci=sitting.pci,
        virtio=sitting.virtio,
        memory=sitting.memory,
        cpu=sitting.cpu,
        firmware=sitting.firmware,
        facts=facts,
        own_load=sitting.own_load,
        refusal=sitting.refusal,
        gaps=tuple(sitting.gaps),
        log=sitting.log[-_LOG_KEPT:],
    )
