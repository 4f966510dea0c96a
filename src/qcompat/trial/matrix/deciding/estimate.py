"""How much longer a run takes, from what it has shown so far. Pure: it is told how long that took.

A batch costs what batches of its kind (alone, or with many devices) have cost per start. What
failures will still add is not known, so the time left can grow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from qcompat.trial.matrix.deciding.batch import Batch, Report

_FEWEST = 8
"""Reports before anything is said: the first ones find caches cold."""


@dataclass
class _Kind:
    """Batches of one kind: how many starts are due, how many were done and how long they ran."""

    due: int = 0
    done: int = 0
    seconds: float = 0.0


@dataclass
class Estimate:
    """What was planned, what came of it, and what that means for the rest."""

    _kinds: dict[bool, _Kind] = field(default_factory=lambda: {True: _Kind(), False: _Kind()})
    _reports: int = 0

    def expected(self, batches: Iterable[Batch]) -> None:
        """These are due."""
        for batch in batches:
            self._kinds[batch.lot.alone].due += batch.starts

    def replaced(self, batch: Batch) -> None:
        """That one is not due any more."""
        self._kinds[batch.lot.alone].due -= batch.starts

    def reported(self, report: Report) -> None:
        """One is done."""
        kind = self._kinds[report.batch.lot.alone]
        kind.due -= report.batch.starts
        kind.done += report.batch.starts
        kind.seconds += report.seconds
        self._reports += 1

    def left(self, elapsed: float) -> float | None:
        """Seconds left after `elapsed` of them; None while too little is known."""
        done = sum(kind.seconds for kind in self._kinds.values())
        if self._reports < _FEWEST or not done:
            return None
        return sum(self._cost(kind) for kind in self._kinds.values()) * elapsed / done

    def _cost(self, kind: _Kind) -> float:
        all_done = sum(each.done for each in self._kinds.values())
        all_seconds = sum(each.seconds for each in self._kinds.values())
        mean = kind.seconds / kind.done if kind.done else all_seconds / all_done
        return kind.due * mean
