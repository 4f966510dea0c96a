"""Running a batch on this machine: one save, then all loads of the same stream."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import time
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, BinaryIO, TypeVar, cast

from qcompat.builds.build import Build
from qcompat.errors import HostLacksError
from qcompat.local.side_by_side import side_by_side
from qcompat.qemu.outcome import Outcome
from qcompat.trial.canary import load_canary, save_canary
from qcompat.trial.matrix.deciding.batch import Batch, BatchReport

T = TypeVar("T")

IN_MEMORY = 16 << 20
"""Bytes. A paused guest's stream is about 0.6 MB, since memory that nobody wrote is not sent."""


def usual_jobs() -> int:
    """How many QEMUs at once keep the cores busy: half of a start is waiting for the kernel.

    On two cores, four at once get a third more starts done than two, and eight no more than
    four (`benchmarks.canary`).
    """
    return 2 * len(os.sched_getaffinity(0))


class Local:
    """Runs batches here, with at most `jobs` QEMUs at once over all batches."""

    def __init__(self, jobs: int) -> None:
        self._gate = asyncio.Semaphore(jobs)
        self.width = jobs + 1
        """So many batches at once keep the QEMUs busy, and few streams in memory."""

    async def perform(self, batch: Batch) -> BatchReport:
        """Run a batch."""
        return await run_batch(batch, self._gate)


async def run_batch(batch: Batch, gate: asyncio.Semaphore) -> BatchReport:
    """Run it; `gate` bounds how many QEMUs run at once. Raises only failures on our own side."""
    spent: list[float] = []
    with SavedStream() as saved:
        refusal = await _timed(gate, spent, _save(batch, saved))
        if refusal is not None:
            outcomes = {target.name: refusal for target in batch.targets}
            return BatchReport(batch, outcomes, refusal, sum(spent))
        loads = (_timed(gate, spent, _load(batch, target, saved)) for target in batch.targets)
        done = await side_by_side(loads)
    names = (target.name for target in batch.targets)
    return BatchReport(batch, dict(zip(names, done, strict=True)), None, sum(spent))


class SavedStream:
    """One stream, saved once to `file` and read by many: small in memory, large on disk.

    On disk it is a file without a name, so nothing is left behind if this process is killed.
    """

    def __init__(self, most: int = IN_MEMORY) -> None:
        self._spool = tempfile.SpooledTemporaryFile(max_size=most, prefix="qcompat-")  # noqa: SIM115

    @property
    def file(self) -> BinaryIO:
        """Where to write it."""
        return cast(BinaryIO, self._spool)

    def reader(self) -> BinaryIO:
        """The stream from its start, with a position of its own; the caller closes it."""
        self._spool.flush()
        inner: object = self._spool._file
        if isinstance(inner, io.BytesIO):
            return io.BytesIO(inner.getvalue())
        return os.fdopen(os.open(f"/proc/self/fd/{self._spool.fileno()}", os.O_RDONLY), "rb")

    def __enter__(self) -> SavedStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spool.close()


async def _timed(gate: asyncio.Semaphore, spent: list[float], work: Coroutine[Any, Any, T]) -> T:
    async with gate:
        start = time.monotonic()
        try:
            return await work
        finally:
            spent.append(time.monotonic() - start)


async def _save(batch: Batch, saved: SavedStream) -> Outcome | None:
    """Start the guest on the source and save it; an outcome where there is nothing to load.

    Whatever the source did, for the targets it is `no_stream`, or `untried`.
    """
    try:
        done = await save_canary(batch.source, batch.packed.guest, saved.file, accel=batch.accel)
    except HostLacksError as error:
        return Outcome("untried", error.message)
    return None if done.loads else Outcome("no_stream", done.message)


async def _load(batch: Batch, target: Build, saved: SavedStream) -> Outcome:
    with saved.reader() as stream:
        try:
            return await load_canary(target, batch.packed.guest, stream, accel=batch.accel)
        except HostLacksError as error:
            return Outcome("untried", error.message)
