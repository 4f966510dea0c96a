"""Performing batches on this machine."""

from __future__ import annotations

import asyncio
import os

from qcompat.trial.matrix.deciding.batch import Batch, Report, carry_out


def usual_jobs() -> int:
    """QEMUs at once that keep the cores busy: half of a start is waiting for the kernel.

    On two cores four of them are started a third faster than two, and eight no faster than
    four (`benchmarks.canary`).
    """
    return 2 * len(os.sched_getaffinity(0))


class Local:
    """At most `jobs` QEMUs at once, however many batches are given to it."""

    def __init__(self, jobs: int) -> None:
        self._gate = asyncio.Semaphore(jobs)
        self.width = jobs + 1
        """Batches that keep so many QEMUs busy, and few streams in memory."""

    async def perform(self, batch: Batch) -> Report:
        """Do a batch."""
        return await carry_out(batch, self._gate)
