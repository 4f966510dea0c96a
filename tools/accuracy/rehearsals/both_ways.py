"""Rehearsing a running guest to every target, then saving it once and loading that everywhere."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Awaitable, Callable
from typing import BinaryIO, NamedTuple

import msgspec

from qcompat.builds.build import Build
from qcompat.errors import CommandError, QcompatError
from qcompat.guest.guest import Guest
from qcompat.portrait.monitor_info import read_ramblock
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.running.device_state import take_device_state
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.trial.rehearsal.rehearse import Rehearsal, rehearse
from qcompat.trial.stop import Stop
from tools.accuracy.rehearsals.cell import Cell, State
from tools.accuracy.rehearsals.session import OwnSession
from tools.accuracy.rehearsals.truth import Taken
from tools.accuracy.whole.table import moment_of_code

Load = Callable[[Build, Guest, BinaryIO], Awaitable[Outcome]]
Save = Callable[[BinaryIO], Awaitable[None]]


class Measured(NamedTuple):
    """The cells of one guest in one state, and what was taken of it."""

    cells: tuple[Cell, ...]
    taken: Taken


class BothWays(msgspec.Struct, frozen=True):
    """A guest on its source, by the name of its recipe, and the ways of saving and loading it."""

    portraits: Portraits
    name: str
    source: Build
    targets: tuple[Build, ...]
    save_all: Save
    load: Load

    async def measure(
        self,
        qemu: Qemu,
        guest: Guest,
        state: State,
        *,
        load: float = 0.0,
        plugged: tuple[str, ...] = (),
    ) -> Measured:
        """Rehearse the guest as it is now, then really save it, and load that everywhere."""
        blank = Cell(
            guest=self.name,
            machine=guest.machine,
            source=self.source.name,
            target="",
            state=state,
            rehearsed=_UNTRIED,
            real=_UNTRIED,
            load=load,
            plugged=plugged,
            at=moment_of_code(),
        )
        twin = await self._twin(self.source, guest, blank)
        if isinstance(twin, str):
            raise QcompatError(twin)
        taken, pause = await _take(qemu)
        with tempfile.TemporaryFile(prefix="qcompat-") as stream:
            unsent = await _saved(self.save_all, stream)
            await qemu.execute("cont")
            cells = []
            for target in self.targets:
                rehearsed = await self._rehearse(target, taken, twin, guest, blank)
                real = unsent or await self.load(target, guest, stream)
                cells.append(
                    msgspec.structs.replace(
                        blank, target=target.name, rehearsed=rehearsed, real=real, pause=pause
                    )
                )
        return Measured(tuple(cells), taken)

    async def _rehearse(
        self, target: Build, taken: Taken, twin: Portrait, guest: Guest, blank: Cell
    ) -> Outcome:
        stops = (Stop(self.source, guest).here, Stop(target, guest).here)
        shown = await self._twin(target, guest, blank)
        blocked = taken.blocked or ((twin.refusal.message,) if twin.refusal else ())
        rehearsal = Rehearsal(taken.portrait(twin), stops, shown, blocked)
        with contextlib.ExitStack() as stack:
            return (await rehearse(rehearsal, stack, again=0)).trial.hops[0].outcome

    async def _twin(self, build: Build, guest: Guest, cell: Cell) -> Portrait | str:
        try:
            return await self.portraits.of(build, guest, accel=cell.accel)
        except QcompatError as error:
            return error.message


_UNTRIED = Outcome("untried")


async def _take(qemu: Qemu) -> tuple[Taken, float]:
    state = await take_device_state(OwnSession(qemu))
    memory = read_ramblock(await qemu.monitor("info ramblock"))
    return Taken(state.content, memory, state.blocked), state.pause


async def _saved(save_all: Save, into: BinaryIO) -> Outcome | None:
    """None where the guest was sent, else why it was not."""
    try:
        await save_all(into)
    except CommandError as error:
        return Outcome("no_stream", error.message)
    return None
