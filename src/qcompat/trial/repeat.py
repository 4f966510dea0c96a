"""Repeating a trial until its outcome is certain: what fails or contradicts is tried again.

A trial whose outcome varies between runs is flaky, and says nothing about the builds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

import msgspec

from qcompat.trial.trial import Trial

AGAIN = 2
"""How often a doubtful trial is tried again."""


@dataclass(frozen=True)
class TrialRun:
    """One run of a trial, with the streams that the stops but the last sent (live: none)."""

    trial: Trial
    streams: tuple[BinaryIO, ...] = ()


async def repeat(
    once: Callable[[], Awaitable[TrialRun]], times: int = 1, *, again: int = AGAIN, at_once: int = 1
) -> TrialRun:
    """Run a trial `times` times, and `again` times more where a run fails or contradicts.

    Returns the run to report, with how often each ending was seen. Up to `at_once` runs go side
    by side.
    """
    runs = [await once()]
    runs += await _more(once, times - 1, at_once)
    if any(is_doubtful(run.trial) for run in runs):
        runs += await _more(once, again, at_once)
    return reported_run(runs)


def is_doubtful(trial: Trial) -> bool:
    """Whether a trial fails or contradicts its verdict, so that chance has to be ruled out."""
    return not trial.succeeds or trial.contradicts


def reported_run(runs: Sequence[TrialRun]) -> TrialRun:
    """The first run that failed, else the first that contradicts, else the first; with counts."""
    failed = (run for run in runs if not run.trial.succeeds)
    doubtful = (run for run in runs if is_doubtful(run.trial))
    chosen = next(failed, None) or next(doubtful, None) or runs[0]
    counts = dict(Counter(run.trial.ending for run in runs)) if len(runs) > 1 else {}
    return replace(chosen, trial=msgspec.structs.replace(chosen.trial, outcomes=counts))


async def _more(
    once: Callable[[], Awaitable[TrialRun]], number: int, at_once: int
) -> list[TrialRun]:
    gate = asyncio.Semaphore(at_once)

    async def one() -> TrialRun:
        async with gate:
            return await once()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one()) for _ in range(number)]
    return [task.result() for task in tasks]
