"""Time as the guest has it: both clocks go forwards, on the same source; what its kernel said."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.trial.live.report import Report
from qcompat.trial.trial import Check

_SHOWN = 3


def check_clock(before: Report, after: Report, *, was_reset: bool) -> Iterator[Check]:
    one, other = before.text("clocksource"), after.text("clocksource")
    yield Check("clock source", "same" if one == other else "changed", one, other)
    if not was_reset:
        yield from _times(before, after)
    yield from _messages(after)


def _times(before: Report, after: Report) -> Iterator[Check]:
    names = ("uptime", "time of day")
    times = zip(before.text("time").split(), after.text("time").split(), strict=False)
    for name, (one, other) in zip(names, times, strict=False):
        forwards = float(other) >= float(one)
        yield Check(name, "same" if forwards else "broken", f"{one} s", f"{other} s")


def _messages(after: Report) -> Iterator[Check]:
    """Errors of the kernel are told, and are no drift of their own: a slow host makes some too."""
    lines = [line.partition(">")[2].strip() for line in after.text("messages").splitlines()]
    if lines:
        rest = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        yield Check("kernel messages", "same", "", " / ".join(lines[:_SHOWN]) + rest)
