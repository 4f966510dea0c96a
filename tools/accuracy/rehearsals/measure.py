"""The guests that are measured: one whose firmware is idle, and one in which Linux works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from qcompat.arch.architecture import architecture_of
from qcompat.builds.build import Build
from qcompat.errors import QemuError
from qcompat.guest.guest import Guest
from qcompat.linux.kernel import obtain_kernel
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.run_firmware import run_firmware
from qcompat.portrait.twin.save import save
from qcompat.portrait.twin.start import Twin, started
from qcompat.qemu import migration
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.outcome import Outcome
from qcompat.trial.canary import run_stop
from qcompat.trial.live.agent.conversation import Conversation
from qcompat.trial.live.launch import RunningGuest, Setup, SharedFiles, launch_guest
from qcompat.trial.stop import Stop
from tools.accuracy.rehearsals.both_ways import BothWays, Measured
from tools.accuracy.rehearsals.cell import State
from tools.accuracy.rehearsals.guests import Recipe

BOOT_SECONDS = 240.0
PLUGGED_SECONDS = 8.0
"""Time for the guest's kernel to take what was plugged into use."""


class Case(msgspec.Struct, frozen=True):
    """A guest on one source; `targets` are the other builds that know its machine type.

    `load` is for how long Linux works before it is measured again, in seconds. States in `done`
    are not measured again.
    """

    recipe: Recipe
    machine: str
    source: Build
    targets: tuple[Build, ...]
    load: float
    done: frozenset[State] = frozenset()

    @property
    def states(self) -> tuple[State, ...]:
        """What is left to be measured of Linux."""
        plugged: tuple[State, ...] = ("plugged",) if self.recipe.plugged else ()
        return tuple(s for s in ("booted", "loaded", *plugged) if s not in self.done)


async def measure_firmware(case: Case, portraits: Portraits) -> Measured:
    """The cells of a guest whose firmware is idle, under KVM."""
    guest = Stop(case.source, case.recipe.guest(case.machine)).here.guest
    async with started(Twin(case.source, guest, "kvm", runs=True)) as (qemu, memory):
        await run_firmware(qemu)
        await qemu.execute("cont")

        async def save_all(into: BinaryIO) -> None:
            await save(qemu, memory, into)

        async def load(target: Build, guest: Guest, stream: BinaryIO) -> Outcome:
            stop = Stop(target, guest).here
            return (await run_stop(stop, stream, None, accel="kvm", moment="running")).arrived

        both = BothWays(portraits, case.recipe.name, case.source, case.targets, save_all, load)
        return await both.measure(qemu, case.recipe.guest(case.machine), "firmware")


async def measure_linux(case: Case, portraits: Portraits) -> AsyncIterator[Measured]:
    """The cells of a guest that booted Linux, then worked for a while, then got devices."""
    guest = case.recipe.guest(case.machine)
    with SharedFiles(obtain_kernel(architecture_of(guest.machine))) as files:
        setup = Setup(files, "tcg", "precopy", Path("/"))
        source = Stop(case.source, guest).here
        async with launch_guest(setup, source, incoming=False) as running:
            await _boot(running)

            async def save_all(into: BinaryIO) -> None:
                await migration.save(running.qemu, into)

            async def load(target: Build, guest: Guest, stream: BinaryIO) -> Outcome:
                return await _load_live(setup, Stop(target, guest).here, stream)

            both = BothWays(portraits, case.recipe.name, case.source, case.targets, save_all, load)
            async for measured in _states(case, both, running):
                yield measured


async def _boot(running: RunningGuest) -> None:
    talk = Conversation()
    talk.attach(running.port)
    await running.qemu.execute("cont")
    await talk.wait(lambda said: said.boots >= 1, BOOT_SECONDS, "no boot")
    await asyncio.sleep(1)


async def _states(case: Case, both: BothWays, running: RunningGuest) -> AsyncIterator[Measured]:
    guest, left, qemu = case.recipe.guest(case.machine), case.states, running.qemu
    if "booted" in left:
        yield await both.measure(qemu, guest, "booted")
    if "loaded" in left:
        await asyncio.sleep(case.load)
        yield await both.measure(qemu, guest, "loaded", load=case.load)
    if "plugged" in left:
        words = await case.recipe.plug(qemu)
        await asyncio.sleep(PLUGGED_SECONDS)
        guest = case.recipe.guest(case.machine, plugged=words)
        yield await both.measure(qemu, guest, "plugged", load=case.load, plugged=words)


async def _load_live(setup: Setup, stop: Stop, stream: BinaryIO) -> Outcome:
    stream.seek(0)
    try:
        async with launch_guest(setup, stop, incoming=True) as there:
            await migration.load(there.qemu, stream)
            return Outcome("loaded")
    except QemuError as error:
        return outcome_of(error)
