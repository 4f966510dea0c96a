"""Rehearsing a running guest to every target, then saving it once and loading that everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from qcompat.arch.architecture import architecture_of
from qcompat.builds.build import Build
from qcompat.errors import CommandError, QcompatError, QemuError
from qcompat.guest.guest import Guest
from qcompat.linux.kernel import obtain_kernel
from qcompat.portrait.monitor_info import read_ramblock
from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.run_firmware import run_firmware
from qcompat.portrait.running.device_state import DeviceState, take_device_state
from qcompat.portrait.running.stream import stream_of_now
from qcompat.portrait.twin.save import save
from qcompat.portrait.twin.start import Twin, started
from qcompat.qemu import migration
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.trial.canary import run_stop
from qcompat.trial.live.agent.conversation import Conversation
from qcompat.trial.live.launch import Setup, SharedFiles, launch_guest
from qcompat.trial.rehearsal.rehearse import Rehearsal, rehearse
from qcompat.trial.stop import Stop
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Answer
from tools.accuracy.rehearsals.cell import Cell, State
from tools.accuracy.rehearsals.guests import Recipe
from tools.accuracy.rehearsals.session import OwnSession

BOOT_SECONDS = 240.0
MOMENTS: Mapping[Accel, tuple[Moment, ...]] = {"kvm": ("reset", "firmware"), "tcg": ("reset",)}
"""The moments whose verdicts are asked besides; a firmware takes long under TCG."""


class Case(msgspec.Struct, frozen=True):
    """A guest on one source; `targets` are the other builds that know its machine type."""

    recipe: Recipe
    machine: str
    source: Build
    targets: tuple[Build, ...]


Load = Callable[[Build, Guest, BinaryIO], Awaitable[Outcome]]
Save = Callable[[BinaryIO], Awaitable[None]]


async def measure_firmware(case: Case, portraits: Portraits) -> tuple[Cell, ...]:
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

        moment = _Moment(case, portraits, "firmware", guest)
        return await moment.measure(qemu, save_all, load)


async def measure_linux(
    case: Case, portraits: Portraits, load_seconds: float
) -> AsyncIterator[tuple[Cell, ...]]:
    """The cells of a guest that booted Linux, then worked for a while, then got devices."""
    guest = case.recipe.guest(case.machine)
    kernel = obtain_kernel(architecture_of(guest.machine))
    with SharedFiles(kernel) as files:
        setup = Setup(files, "tcg", "precopy", Path("/"))

        async def load(target: Build, guest: Guest, stream: BinaryIO) -> Outcome:
            return await _load_live(setup, Stop(target, guest).here, stream)

        source = Stop(case.source, guest).here
        async with launch_guest(setup, source, incoming=False) as running:
            qemu = running.qemu
            talk = Conversation()
            talk.attach(running.port)
            await qemu.execute("cont")
            await talk.wait(lambda said: said.boots >= 1, BOOT_SECONDS, "no boot")
            await asyncio.sleep(1)

            async def save_all(into: BinaryIO) -> None:
                await migration.save(qemu, into)

            yield await _Moment(case, portraits, "booted", guest).measure(qemu, save_all, load)
            await asyncio.sleep(load_seconds)
            yield await _Moment(case, portraits, "loaded", guest).measure(qemu, save_all, load)
            if case.recipe.plugged:
                more = await case.recipe.plug(qemu)
                await asyncio.sleep(8)
                plugged = case.recipe.guest(case.machine, plugged=more)
                moment = _Moment(case, portraits, "plugged", plugged)
                yield await moment.measure(qemu, save_all, load)


async def _load_live(setup: Setup, stop: Stop, stream: BinaryIO) -> Outcome:
    stream.seek(0)
    try:
        async with launch_guest(setup, stop, incoming=True) as there:
            await migration.load(there.qemu, stream)
            return Outcome("loaded")
    except QemuError as error:
        return outcome_of(error)


class _Moment:
    """One guest in one state: its device state, the rehearsals, its real stream, the real loads."""

    def __init__(self, case: Case, portraits: Portraits, state: State, guest: Guest) -> None:
        self._case, self._portraits, self._state = case, portraits, state
        self._guest = guest
        self._accel: Accel = "kvm" if state == "firmware" else "tcg"

    async def measure(self, qemu: Qemu, save_all: Save, load: Load) -> tuple[Cell, ...]:
        twin = await self._portrait(self._case.source, "reset")
        taken = await take_device_state(OwnSession(qemu))
        now = await _now(twin, taken, qemu)
        with tempfile.TemporaryFile(prefix="qcompat-") as real:
            sent = await _saved(save_all, real)
            await qemu.execute("cont")
            with contextlib.ExitStack() as stack:
                return tuple(
                    [
                        await self._cell(target, now, taken, stack, sent or real, load)
                        for target in self._case.targets
                    ]
                )

    async def _cell(
        self,
        target: Build,
        now: Portrait,
        taken: DeviceState,
        stack: contextlib.ExitStack,
        real: BinaryIO | Outcome,
        load: Load,
    ) -> Cell:
        case = self._case
        stops = (Stop(case.source, self._guest).here, Stop(target, self._guest).here)
        shown = await self._shown(target)
        blocked = taken.blocked or ((now.refusal.message,) if now.refusal else ())
        run = await rehearse(Rehearsal(now, stops, shown, blocked), stack, again=0)
        hop = run.trial.hops[0]
        arrived = real if isinstance(real, Outcome) else await load(target, self._guest, real)
        verdicts = await self._verdicts(target)
        if hop.predicted:
            verdicts["running"] = hop.predicted
        return Cell(
            guest=case.recipe.name,
            machine=case.machine,
            source=case.source.name,
            target=target.name,
            state=self._state,
            rehearsed=hop.outcome,
            real=arrived,
            verdicts=verdicts,
            pause=taken.pause,
        )

    async def _verdicts(self, target: Build) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for moment in MOMENTS[self._accel]:
            with contextlib.suppress(QcompatError):
                source = await self._portrait(self._case.source, moment)
                there = await self._portrait(target, moment)
                found[moment] = judge(source, there).forward.verdict
        return found

    async def _shown(self, target: Build) -> Portrait | str:
        try:
            return await self._portrait(target, "reset")
        except QcompatError as error:
            return error.message

    async def _portrait(self, build: Build, moment: Moment) -> Portrait:
        return await self._portraits.of(build, self._guest, moment=moment, accel=self._accel)


async def _now(twin: Portrait, taken: DeviceState, qemu: Qemu) -> Portrait:
    if twin.stream is None or taken.blocked:
        return twin
    memory = read_ramblock(await qemu.monitor("info ramblock"))
    stream = stream_of_now(twin.stream, taken.content, memory)
    return msgspec.structs.replace(twin, moment="running", stream=stream, memory=memory)


async def _saved(save_all: Save, into: BinaryIO) -> Outcome | None:
    """None where the guest was sent, else why it was not."""
    try:
        await save_all(into)
    except CommandError as error:
        return Outcome("no_stream", error.message)
    return None
