"""Performing a trial by any method and variant, repeated until its outcome is certain."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import BinaryIO

import msgspec

from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.trial.canary import SECONDS
from qcompat.trial.chain import run_chain
from qcompat.trial.direct import run_direct
from qcompat.trial.prediction import with_first_prediction
from qcompat.trial.repeat import TrialRun, repeat
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Method, Variant

_AT_ONCE = 2
_PLUGGED = "the verdict is of the guest without what is plugged on the way"


class TrialPlan(msgspec.Struct, frozen=True):
    """A trial to make; `seconds` bounds every stop or hop, None is the method's own limit.

    With `hotplug` a live guest gets and loses devices on the way.
    """

    stops: tuple[Stop, ...]
    accel: Accel
    method: Method = "canary"
    variant: Variant = "precopy"
    moment: Moment = "reset"
    seconds: float | None = None
    times: int = 1
    hotplug: bool = False


async def perform(
    plan: TrialPlan,
    portraits: tuple[Portrait | str, ...],
    open_files: contextlib.ExitStack,
    on_event: Callable[[str], None],
) -> TrialRun:
    """Make the trial; its streams stay open as long as `open_files` does."""
    if plan.method == "live":
        return await repeat(functools.partial(_live, plan, portraits, on_event), plan.times)
    once = _paused if plan.variant == "precopy" else _directly
    return await repeat(
        functools.partial(once, plan, portraits, open_files), plan.times, at_once=_AT_ONCE
    )


async def _paused(
    plan: TrialPlan, portraits: tuple[Portrait | str, ...], open_files: contextlib.ExitStack
) -> TrialRun:
    streams = tuple(open_files.enter_context(_unnamed()) for _ in plan.stops[1:])
    trial = await run_chain(
        plan.stops,
        accel=plan.accel,
        moment=plan.moment,
        portraits=portraits,
        seconds=plan.seconds or SECONDS,
        streams=streams,
    )
    return TrialRun(trial, streams)


def _unnamed() -> AbstractContextManager[BinaryIO]:
    """A file without a name, gone when this process ends, however it ends."""
    return tempfile.TemporaryFile(prefix="qcompat-")


async def _directly(
    plan: TrialPlan, portraits: tuple[Portrait | str, ...], open_files: contextlib.ExitStack
) -> TrialRun:
    del open_files
    trial = await run_direct(
        plan.stops,
        plan.variant,
        accel=plan.accel,
        portraits=portraits,
        seconds=plan.seconds or SECONDS,
    )
    return TrialRun(trial)


async def _live(
    plan: TrialPlan, portraits: tuple[Portrait | str, ...], on_event: Callable[[str], None]
) -> TrialRun:
    from qcompat.trial.live.run import TIMEOUT, run_live

    trial = await run_live(
        plan.stops,
        variant=plan.variant,
        accel=plan.accel,
        timeout=plan.seconds or TIMEOUT,
        hotplug=plan.hotplug,
        on_event=on_event,
    )
    shown = (_PLUGGED,) * len(plan.stops) if plan.hotplug else portraits
    return TrialRun(with_first_prediction(trial, shown))
