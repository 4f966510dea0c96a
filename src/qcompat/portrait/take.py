"""Taking a portrait: one launch of the paused guest, everything asked of it, then its end.

The order matters: questions that change nothing come first, then the stream is saved, then what
disturbs the machine (bus numbers, write masks, firmware files), while a second launch loads
the stream. If the build refuses the guest, cannot save it or crashes, the portrait has a refusal.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from typing import BinaryIO

from qcompat.arch.architecture import Architecture, architectures
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.errors import (
    CommandError,
    HostLacksError,
    LaunchError,
    QemuDiedError,
    QemuTimeoutError,
    StreamError,
)
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.portrait.access import Access, access_to
from qcompat.portrait.config_space import ConfigSpace, Place
from qcompat.portrait.cpu import ask_cpu
from qcompat.portrait.draft import Draft
from qcompat.portrait.monitor_info import read_qtree, read_ramblock
from qcompat.portrait.portrait import (
    MOMENT,
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
from qcompat.portrait.run_firmware import MOST_SECONDS, why_not
from qcompat.portrait.twin.moment import reach
from qcompat.portrait.twin.save import save
from qcompat.portrait.twin.start import MemoryFile, Twin, receive, started
from qcompat.portrait.virtio import read_virtio
from qcompat.portrait.write_mask import WriteMasks
from qcompat.qemu.process import Qemu
from qcompat.stream.reader.whole import read

TRIES = 3
"""How often a guest on which QEMU crashes is started before the crash counts as a fact."""
OWN_LOADS = 3
"""How often a build may fail to load its own stream before that counts as a fact."""

_BUSY = f"the firmware was not idle within {MOST_SECONDS:.0f} s: this is the guest before it runs"


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

    The moment `firmware` becomes `reset`, and a gap says so, where the firmware does not get idle.
    At the moment `booted` the stream is that of a guest in which Linux uses its devices; everything
    else is what the build offers it.
    The raw stream, guest memory included, is left in the file `keep` where one is given.
    Raises only what the guest did not cause: a build or a guest that cannot run on this machine
    (BuildError, HostLacksError), a QEMU that hangs before it answers anything, a full disk; and
    GuestError with the reason where a guest cannot be booted.
    """
    guest = startable(guest)
    if early := why_not(guest, accel) if moment == "firmware" else "":
        moment = "reset"
    with tempfile.TemporaryFile(prefix="qcompat-") as temporary:
        file = keep or temporary
        try:
            twin = Twin(build, guest, accel, moment != "reset", moment == "booted")
            draft = await _steady(twin, moment, file)
            if draft.is_busy:
                early, moment = _BUSY, "reset"
                draft = await _steady(Twin(build, guest, accel), moment, file)
        except HostLacksError as error:
            raise error.on(build.name) from error
    if early:
        draft.gaps.append(Gap(MOMENT, early))
    return draft.portrait(build, guest, facts, moment, accel)


async def _steady(twin: Twin, moment: Moment, file: BinaryIO) -> Draft:
    """An attempt; one that crashed is made again, since what does not last is no fact."""
    first = draft = await _attempt(twin, moment, file)
    for times in range(1, TRIES):
        if not first.has_crashed and not first.never_loads:
            return first
        draft = await _attempt(twin, moment, file)
        if first.never_loads:  # the stream itself may differ from one start to the next
            first.add_loads(draft)
        elif not draft.has_crashed:
            assert first.refusal is not None
            draft.varies(first.refusal.message, times)
            return draft
    return first


async def _attempt(twin: Twin, moment: Moment, file: BinaryIO) -> Draft:
    draft = Draft()
    file.seek(0)
    file.truncate()
    try:
        async with started(twin) as (qemu, memory):
            await _look(draft, qemu, twin.guest)
            if not await reach(qemu, twin, moment, draft.cpu):
                draft.is_busy = True
                return draft
            await _save(draft, qemu, memory, file)
            if moment == "booted":
                await qemu.reset()  # what the build offers is asked of a machine that nobody set up
            await _finish(draft, qemu, twin, file)
            draft.log = qemu.log
    except LaunchError as error:
        draft.refusal = await _refusal(twin, error)
        draft.log = error.log
    except QemuDiedError as error:
        draft.died(error)
    return draft


async def _refusal(twin: Twin, error: LaunchError) -> Refusal:
    """What a refusal to start means: some refused guests start when they wait for a migration.

    (QEMU checks disks when the guest is about to run, so `-incoming` puts those checks off.)
    """
    try:
        async with started(twin, waiting=True):
            return Refusal("wait", error.said)
    except (LaunchError, QemuTimeoutError):
        return Refusal("start", error.said)


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
    name = await qemu.execute("qom-get", {"path": "/machine", "property": "type"})
    return str(name).removesuffix("-machine")


async def _save(draft: Draft, qemu: Qemu, memory: Sequence[MemoryFile], file: BinaryIO) -> None:
    try:
        await save(qemu, memory, file)
        file.seek(0)
        draft.stream = read(file)
    except (CommandError, QemuTimeoutError) as error:
        is_slow = isinstance(error, QemuTimeoutError)
        draft.refusal = Refusal("unread" if is_slow else "save", error.message)
    except StreamError as error:
        draft.refusal = Refusal("unread", f"the stream cannot be read: {error.message}")


async def _finish(draft: Draft, qemu: Qemu, twin: Twin, file: BinaryIO) -> None:
    """Ask what disturbs the machine, while a second one loads the stream."""
    architecture = architectures().get(twin.build.architecture)
    if draft.stream is None:
        await _disturb(draft, qemu, architecture)
        return
    loading = asyncio.create_task(_own_load(draft, twin, file))
    try:
        await _disturb(draft, qemu, architecture)
    finally:
        await loading


async def _own_load(draft: Draft, twin: Twin, file: BinaryIO) -> None:
    """How the build loads its own stream; one failure may be chance, so it is tried again.

    (isa-vga up to 10.x loads over memory that is not its own: the same load ends now so, now
    otherwise. One that hangs is not repeated: it costs minutes, and may be this machine's load.)
    """
    ends = [await receive(twin, file)]
    while ends[-1].kind in ("crashed", "refused") and len(ends) < OWN_LOADS:
        ends.append(await receive(twin, file))
    draft.own_load = ends[0]
    draft.own_loads = dict(Counter(end.kind for end in ends)) if len(ends) > 1 else {}


async def _disturb(draft: Draft, qemu: Qemu, architecture: Architecture | None) -> None:
    no_files: tuple[FirmwareFile, ...] = ()
    access = await draft.part("memory map", lambda: access_to(qemu, architecture), Access())
    configs, space = await _configs(draft, access.pci)
    if space:
        none: tuple[VirtioDevice, ...] = ()
        draft.virtio = await draft.part("virtio", lambda: _virtio(space, qemu, configs), none)
    if access.fw_cfg:
        draft.firmware = await draft.part("firmware", access.fw_cfg.files, no_files)
    masks: dict[Place, bytes] = {}
    if space:
        masks = await draft.part("pci write masks", lambda: _masks(space, configs), masks)
    draft.pci = tuple(
        PciFunction(place.address, config, masks.get(place, b""))
        for place, config in configs.items()
    )


async def _configs(
    draft: Draft, space: ConfigSpace | None
) -> tuple[dict[Place, bytes], ConfigSpace | None]:
    """The configuration space of every PCI function, and what it was read with."""
    addresses = [device.address for device in draft.devices if device.address]
    if space is None:
        if addresses:
            reason = "configuration space of this board can only be read in its migration stream"
            draft.gaps.append(Gap("pci", reason))
        return {}, None
    nowhere: list[Place] = []
    places = await draft.part("pci", lambda: space.functions(addresses), nowhere)
    configs = {place: await space.config(place) for place in places}
    return {p: config for p, config in configs.items() if config[:2] != b"\xff\xff"}, space


async def _virtio(
    space: ConfigSpace, qemu: Qemu, configs: dict[Place, bytes]
) -> tuple[VirtioDevice, ...]:
    found = [await read_virtio(space, qemu.qtest, p, config) for p, config in configs.items()]
    return tuple(device for device in found if device)


async def _masks(space: ConfigSpace, configs: dict[Place, bytes]) -> dict[Place, bytes]:
    """From the leaves up, since a bridge under test hides what is behind it."""
    masks = WriteMasks(space)
    return {place: await masks.measure(place, configs[place]) for place in reversed(configs)}
