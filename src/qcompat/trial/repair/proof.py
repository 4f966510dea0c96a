"""A remedy before the real thing: what the source saves, loaded without and with it, and back.

One save serves all loads. The way back is the other promise of a verdict (`returns`). What
processor a guest finds after the load is asked apart: CPUID is not in the stream.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from qcompat.builds.build import Build
from qcompat.errors import HostLacksError, QemuError
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.local.side_by_side import side_by_side
from qcompat.portrait.cpu import ask_cpu
from qcompat.portrait.portrait import Accel, FeatureWord, Portrait
from qcompat.portrait.twin.start import Twin, started
from qcompat.qemu.migration import load
from qcompat.qemu.outcome import Outcome
from qcompat.trial.canary import run_stop
from qcompat.trial.repair.case import Budget
from qcompat.trial.stop import Stop
from qcompat.verdict.proof import Proof


async def words_after_load(
    build: Build, guest: Guest, stream: BinaryIO, accel: Accel
) -> tuple[FeatureWord, ...] | None:
    """The feature words that the loaded guest's processors have; None where it did not load."""
    guest = startable(guest)
    try:
        async with started(Twin(build, guest, accel, runs=True), waiting=True) as (qemu, _):
            stream.seek(0)
            await load(qemu, stream)
            cpu, _ = await ask_cpu(qemu, guest.arguments)
    except QemuError:
        return None
    return cpu.words if cpu else None


AT_ONCE = 2


class Proving:
    """The saved guest of `source`, to be loaded by `target` any number of times."""

    def __init__(self, build: Build, source: Portrait, target: Build) -> None:
        self._home = Stop(build, source.guest)
        self._target = target
        self._moment = source.moment
        self._accel: Accel = source.accel
        self._words = source.cpu.words if source.cpu else ()
        self._file: BinaryIO = tempfile.TemporaryFile(prefix="qcompat-")  # noqa: SIM115
        self.saved = Outcome("no_stream", "nothing was saved yet")
        self.untried = 0

    async def __aenter__(self) -> Proving:
        found = await run_stop(self._home, None, self._file, accel=self._accel, moment=self._moment)
        self.saved = found.left or found.arrived
        return self

    async def __aexit__(self, *_: object) -> None:
        self._file.close()

    async def load(self, guest: Guest, into: BinaryIO | None = None) -> Outcome:
        """How `guest` on the target takes what was saved; then it saves itself `into` a file."""
        if not self.saved.loads:
            return Outcome("no_stream", self.saved.message)
        with self._copy() as stream:
            there = Stop(self._target, guest)
            found = await run_stop(there, stream, into, accel=self._accel, moment=self._moment)
        return found.arrived

    async def prove(self, bare: Guest, remedied: Guest | None) -> Proof:
        """Both states, and the way back from the remedied one."""
        without = await self.load(bare)
        if remedied is None or not self.saved.loads:
            return Proof(without)
        with tempfile.TemporaryFile(prefix="qcompat-") as there:
            with_it = await self.load(remedied, there)
            back = None
            if with_it.loads:
                home = await run_stop(
                    self._home, there, None, accel=self._accel, moment=self._moment
                )
                back = home.arrived
        return Proof(without, with_it, back)

    async def same_processor(self, bare: Guest, remedied: Guest) -> tuple[bool, bool]:
        """Whether the guest, really loaded, has the source's processor features: in both states."""
        return await self._has_processor(bare), await self._has_processor(remedied)

    async def _has_processor(self, guest: Guest) -> bool:
        with self._copy() as stream:
            words = await words_after_load(self._target, guest, stream, self._accel)
        return words is not None and words == self._words

    async def first_that_loads(self, guests: Sequence[Guest], budget: Budget) -> int | None:
        """The place of a guest that takes what was saved; None where none of them does.

        One that this machine cannot run counts as `untried`.
        """
        gate, found = asyncio.Semaphore(AT_ONCE), list[int]()

        async def one(place: int, guest: Guest) -> None:
            async with gate:
                if found or budget.spent:
                    return
                budget.attempts += 1
                try:
                    loads = (await self.load(guest)).loads
                except HostLacksError:
                    self.untried += 1
                    return
                if loads:
                    found.append(place)

        await side_by_side(one(place, guest) for place, guest in enumerate(guests))
        return min(found, default=None)

    def _copy(self) -> BinaryIO:
        """The saved stream under an offset of its own, so that two can read it at once."""
        return Path(f"/proc/self/fd/{self._file.fileno()}").open("rb")
