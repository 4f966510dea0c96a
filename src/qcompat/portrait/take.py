"""Taking a portrait: one launch of the paused guest, everything asked of it, then its end.

The order matters: questions that change nothing come first, then the stream is saved, then what
disturbs the machine (bus numbers, write masks, firmware files), while a second launch loads
the stream. If the build refuses the guest, cannot save it or crashes, the portrait has a refusal.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from typing import BinaryIO

from qcompat.arch.architecture import Architecture, architecture_of
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.run.command import command
from qcompat.errors import (
    CommandError,
    LaunchError,
    QemuDiedError,
    QemuTimeoutError,
    StreamError,
)
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.portrait.config_space import ConfigSpace, Place
from qcompat.portrait.cpu import ask_cpu
from qcompat.portrait.draft import Draft
from qcompat.portrait.fw_cfg import FwCfg
from qcompat.portrait.monitor_info import read_qtree, read_ramblock
from qcompat.portrait.portrait import (
    Accel,
    Cpu,
    FirmwareFile,
    Gap,
    Moment,
    PciFunction,
    Portrait,
    Refusal,
    VirtioDevice,
)
from qcompat.portrait.run_firmware import run_firmware
from qcompat.portrait.virtio import read_virtio
from qcompat.portrait.write_mask import WriteMasks
from qcompat.qemu.incoming import receive
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.stream.reader.whole import read


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
    Raises only what the guest did not cause: a build that cannot run here, a QEMU that hangs
    before it answers anything, a full disk.
    """
    guest = startable(guest)
    draft = Draft()
    prefix = command(build, kvm=accel == "kvm", network_namespace=guest.network_namespace)
    arguments = ["-accel", accel, *guest.arguments]
    with tempfile.TemporaryFile(prefix="qcompat-") as temporary:
        file = keep or temporary
        try:
            async with launch(prefix, arguments) as qemu:
                await _look(draft, qemu, guest)
                if moment == "firmware" and not await run_firmware(qemu):
                    draft.gaps.append(Gap("moment", "the firmware was not idle in time"))
                await _save(draft, qemu, file)
                await _finish(draft, qemu, guest, receive(prefix, arguments, file))
                draft.log = qemu.log
        except LaunchError as error:
            draft.refusal = await _refusal(prefix, arguments, error)
            draft.log = error.log
        except QemuDiedError as error:
            draft.died(error)
    return draft.portrait(build, guest, facts, moment, accel)


async def _refusal(prefix: list[str], arguments: list[str], error: LaunchError) -> Refusal:
    """What a refusal to start means: some refused guests start when they wait for a migration.

    (QEMU checks disks when the guest is about to run, so `-incoming` puts those checks off.)
    """
    message = error.message.removeprefix("QEMU refused to start: ")
    try:
        async with launch(prefix, [*arguments, "-incoming", "defer"]):
            return Refusal("wait", message)
    except (LaunchError, QemuTimeoutError):
        return Refusal("start", message)


async def _look(draft: Draft, qemu: Qemu, guest: Guest) -> None:
    """The questions that leave the machine as it is."""
    draft.machine = await draft.part("machine", lambda: _machine(qemu), "")
    qtree = await draft.part("devices", lambda: qemu.monitor("info qtree"), "")
    draft.devices = read_qtree(qtree)
    blocks = await draft.part("memory", lambda: qemu.monitor("info ramblock"), "")
    draft.memory = read_ramblock(blocks)
    nothing: tuple[Cpu | None, tuple[Gap, ...]] = (None, ())
    draft.cpu, gaps = await draft.part("cpu", lambda: ask_cpu(qemu, guest.arguments), nothing)
    draft.gaps += gaps


async def _machine(qemu: Qemu) -> str:
    machine = await qemu.execute("qom-get", {"path": "/machine", "property": "type"})
    return str(machine).removesuffix("-machine")


async def _save(draft: Draft, qemu: Qemu, file: BinaryIO) -> None:
    try:
        await save(qemu, file)
    except (CommandError, QemuTimeoutError) as error:
        is_slow = isinstance(error, QemuTimeoutError)
        draft.refusal = Refusal("unread" if is_slow else "save", error.message)
        return
    file.seek(0)
    try:
        draft.stream = read(file)
    except StreamError as error:
        draft.refusal = Refusal("unread", f"the stream cannot be read: {error.message}")


async def _finish(
    draft: Draft, qemu: Qemu, guest: Guest, own_load: Coroutine[None, None, Outcome]
) -> None:
    """Ask what disturbs the machine, while a second one loads the stream."""
    if draft.stream is None:
        own_load.close()
        await _disturb(draft, qemu, architecture_of(guest.machine))
        return
    loading = asyncio.create_task(own_load)
    try:
        await _disturb(draft, qemu, architecture_of(guest.machine))
    finally:
        draft.own_load = await loading


async def _disturb(draft: Draft, qemu: Qemu, architecture: Architecture) -> None:
    no_files: tuple[FirmwareFile, ...] = ()
    configs, space = await _configs(draft, qemu, architecture)
    if space:
        none: tuple[VirtioDevice, ...] = ()
        draft.virtio = await draft.part("virtio", lambda: _virtio(space, qemu, configs), none)
    if ports := architecture.fw_cfg:
        fw_cfg = FwCfg(qemu.qtest, ports)
        draft.firmware = await draft.part("firmware", lambda: _firmware(fw_cfg), no_files)
    masks: dict[Place, bytes] = {}
    if space:
        masks = await draft.part("pci write masks", lambda: _masks(space, configs), masks)
    draft.pci = tuple(
        PciFunction(place.address, config, masks.get(place, b""))
        for place, config in configs.items()
    )


async def _configs(
    draft: Draft, qemu: Qemu, architecture: Architecture
) -> tuple[dict[Place, bytes], ConfigSpace | None]:
    """The configuration space of every PCI function, and what it was read with."""
    addresses = [device.address for device in draft.devices if device.address]
    if architecture.pci is None:
        if addresses:
            reason = f"configuration space of {architecture.name} boards cannot be read yet"
            draft.gaps.append(Gap("pci", reason))
        return {}, None
    space = ConfigSpace(qemu.qtest, architecture.pci)
    nowhere: list[Place] = []
    places = await draft.part("pci", lambda: space.functions(addresses), nowhere)
    configs = {place: await space.config(place) for place in places}
    return {p: config for p, config in configs.items() if config[:2] != b"\xff\xff"}, space


async def _virtio(
    space: ConfigSpace, qemu: Qemu, configs: dict[Place, bytes]
) -> tuple[VirtioDevice, ...]:
    found = [await read_virtio(space, qemu.qtest, p, config) for p, config in configs.items()]
    return tuple(device for device in found if device)


async def _firmware(fw_cfg: FwCfg) -> tuple[FirmwareFile, ...]:
    return await fw_cfg.files() if await fw_cfg.is_readable() else ()


async def _masks(space: ConfigSpace, configs: dict[Place, bytes]) -> dict[Place, bytes]:
    """From the leaves up, since a bridge under test hides what is behind it."""
    masks = WriteMasks(space)
    return {place: await masks.measure(place, configs[place]) for place in reversed(configs)}
