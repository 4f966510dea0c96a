"""Timing two things in turn, so that a machine whose speed drifts still compares them fairly."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """Seconds of each run of one thing."""

    name: str
    seconds: Sequence[float]

    @property
    def median(self) -> float:
        """The figure to quote."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        low, high = min(self.seconds) * 1e3, max(self.seconds) * 1e3
        return f"{self.name}: median {self.median * 1e3:.1f} ms ({low:.1f} to {high:.1f})"


def time_pair(
    one: tuple[str, Callable[[], object]], other: tuple[str, Callable[[], object]], runs: int = 9
) -> tuple[Figures, Figures]:
    """Time two things in turn, `runs` times each, after one of each that does not count."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + 1):
        for place, (_, run) in enumerate((one, other)):
            start = time.perf_counter()
            run()
            if number:
                seconds[place].append(time.perf_counter() - start)
    return Figures(one[0], seconds[0]), Figures(other[0], seconds[1])
