"""A batch, the unit of work: one guest saved on its source and loaded by each of its targets.

It is a plain value, and so is its report, so that either can go to another machine; the stream
between them never does. What is made of a report is `sifting`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import msgspec

from qcompat.builds.build import Build
from qcompat.portrait.portrait import Accel
from qcompat.qemu.outcome import Outcome
from qcompat.trial.canary import load_canary, save_canary
from qcompat.trial.matrix.question.packed_guest import Lot
from qcompat.trial.matrix.running.saved_stream import Kept
from qcompat.trial.together import together

T = TypeVar("T")


class Batch(msgspec.Struct, frozen=True):
    """What to try: one save, and one load by each target; no target asks for the save alone."""

    lot: Lot
    source: Build
    targets: tuple[Build, ...]
    accel: Accel

    @property
    def starts(self) -> int:
        """How many QEMUs it starts."""
        return 1 + len(self.targets)


class Report(msgspec.Struct, frozen=True):
    """What came of a batch: the outcome of each target by its name.

    `refusal` is the outcome of all of them where the source gave no stream, else None.
    `seconds` is how long its QEMUs ran, one after the other.
    """

    batch: Batch
    outcomes: Mapping[str, Outcome]
    refusal: Outcome | None = None
    seconds: float = 0.0


async def carry_out(batch: Batch, gate: asyncio.Semaphore) -> Report:
    """Do it. `gate` bounds how many QEMUs run at once. Raises only failures of our own side."""
    spent: list[float] = []
    with Kept() as kept:
        refusal = await _timed(gate, spent, _save(batch, kept))
        if refusal is not None:
            outcomes = {target.name: refusal for target in batch.targets}
            return Report(batch, outcomes, refusal, sum(spent))
        loads = (_timed(gate, spent, _load(batch, target, kept)) for target in batch.targets)
        done = await together(loads)
    names = (target.name for target in batch.targets)
    return Report(batch, dict(zip(names, done, strict=True)), None, sum(spent))


async def _timed(gate: asyncio.Semaphore, spent: list[float], work: Coroutine[Any, Any, T]) -> T:
    async with gate:
        start = time.monotonic()
        try:
            return await work
        finally:
            spent.append(time.monotonic() - start)


async def _save(batch: Batch, kept: Kept) -> Outcome | None:
    """Start the source's guest and save it; an outcome where there is nothing to load.

    How the source failed does not matter to the target: it is `no_stream` whatever it was.
    """
    done = await save_canary(batch.source, batch.lot.guest, kept.file, accel=batch.accel)
    return None if done.loads else Outcome("no_stream", done.message)


async def _load(batch: Batch, target: Build, kept: Kept) -> Outcome:
    with kept.reader() as stream:
        return await load_canary(target, batch.lot.guest, stream, accel=batch.accel)
