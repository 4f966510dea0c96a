"""How much longer a run takes, from what it has shown so far. Pure: the caller has the clock.

A start costs what starts of batches like it (one entry, or many devices) have cost. What failures
will add is not known, so the time left can grow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from qcompat.trial.matrix.deciding.batch import Batch, BatchReport

_FEWEST = 8
"""Reports before the first estimate: the first batches run with cold caches."""


@dataclass
class _Starts:
    """Starts of batches of one sort: how many are due, how many are done, how long they took."""

    due: int = 0
    done: int = 0
    seconds: float = 0.0


@dataclass
class Estimate:
    """What is due, what is done, and how long the rest will take."""

    _starts: dict[bool, _Starts] = field(
        default_factory=lambda: {True: _Starts(), False: _Starts()}
    )
    _reports: int = 0

    def expected(self, batches: Iterable[Batch]) -> None:
        """These are due."""
        for batch in batches:
            self._starts[batch.packed.alone].due += batch.starts

    def replaced(self, batch: Batch) -> None:
        """This one is no longer due."""
        self._starts[batch.packed.alone].due -= batch.starts

    def reported(self, report: BatchReport) -> None:
        """One is done."""
        starts = self._starts[report.batch.packed.alone]
        starts.due -= report.batch.starts
        starts.done += report.batch.starts
        starts.seconds += report.seconds
        self._reports += 1

    def left(self, elapsed: float) -> float | None:
        """Seconds left after `elapsed` of them; None while too little is known."""
        done = sum(starts.seconds for starts in self._starts.values())
        if self._reports < _FEWEST or not done:
            return None
        return sum(self._cost(starts) for starts in self._starts.values()) * elapsed / done

    def _cost(self, starts: _Starts) -> float:
        all_done = sum(each.done for each in self._starts.values())
        all_seconds = sum(each.seconds for each in self._starts.values())
        mean = starts.seconds / starts.done if starts.done else all_seconds / all_done
        return starts.due * mean
