"""The canary: a paused guest, saved on one build and loaded by another.

It is the truth that verdicts at the moment `reset` are scored against. Each build takes one launch
(`run_stop`): the guest is started or loaded, perhaps reset, and saved. One save serves any number
of loads; a way over many builds is `chain`. Whatever QEMU does is an outcome; only failures on our
own side are raised.
"""

from __future__ import annotations

import asyncio
from typing import BinaryIO

import msgspec

from qcompat.builds.build import Build
from qcompat.errors import HostLacksError, QemuError
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.portrait.portrait import Accel, Moment
from qcompat.portrait.twin.boot import MOST_SECONDS
from qcompat.portrait.twin.moment import reach
from qcompat.portrait.twin.save import save
from qcompat.portrait.twin.start import Twin, started
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.migration import load
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.trial.stop import Stop

SECONDS = 60.0
"""How long a paused guest may take at one stop before the QEMU counts as hung."""

LOADED = Outcome("loaded")


class StopResult(msgspec.Struct, frozen=True):
    """What came of a guest at one stop: `arrived` is the start or the load, `left` the save.

    `left` is None where the guest was not to be saved, or never arrived. A guest that starts here
    counts as `loaded`. `log` is everything that QEMU printed.
    """

    arrived: Outcome
    left: Outcome | None = None
    log: str = ""


class _Progress:
    """How far it got, since it may end with an exception."""

    def __init__(self) -> None:
        self.qemu: Qemu | None = None
        self.has_arrived = False


async def run_stop(
    stop: Stop,
    incoming: BinaryIO | None,
    outgoing: BinaryIO | None,
    *,
    accel: Accel,
    moment: Moment = "reset",
    seconds: float = SECONDS,
) -> StopResult:
    """Start the guest at `stop`, load `incoming` if it comes from another, save it into `outgoing`.

    The moment `firmware` runs the firmware of a guest that starts here before anything else,
    `booted` boots it, which has time of its own. Raises HostLacksError where this machine cannot
    run the guest: that is no outcome; GuestError where the guest cannot be booted.
    """
    progress = _Progress()
    if moment == "booted" and incoming is None:
        seconds += MOST_SECONDS
    try:
        async with asyncio.timeout(seconds):
            log = await _run(progress, stop, incoming, outgoing, accel, moment)
        return StopResult(LOADED, LOADED if outgoing else None, log)
    except TimeoutError:
        log = progress.qemu.log if progress.qemu else ""
        return _ended(progress, Outcome("hung", f"no end within {seconds:g} s"), log)
    except QemuError as error:
        return _ended(progress, outcome_of(error), error.log)
    except HostLacksError as error:
        raise error.on(stop.build.name) from error


async def _run(
    progress: _Progress,
    stop: Stop,
    incoming: BinaryIO | None,
    outgoing: BinaryIO | None,
    accel: Accel,
    moment: Moment,
) -> str:
    is_booted = moment == "booted"
    twin = Twin(stop.build, startable(stop.guest), accel, moment != "reset", is_booted)
    async with started(twin, waiting=incoming is not None) as (qemu, memory):
        progress.qemu = qemu
        if incoming:
            incoming.seek(0)
            await load(qemu, incoming)
        else:
            await reach(qemu, twin, moment)
        progress.has_arrived = True
        if stop.reset:
            await qemu.reset()
        if outgoing:
            await save(qemu, memory, outgoing)
        return qemu.log


def _ended(progress: _Progress, outcome: Outcome, log: str) -> StopResult:
    if not progress.has_arrived:
        return StopResult(outcome, None, log)
    kind = "no_stream" if outcome.kind == "refused" else outcome.kind
    return StopResult(LOADED, Outcome(kind, outcome.message), log)


async def save_canary(
    build: Build, guest: Guest, into: BinaryIO, *, accel: Accel = "kvm", seconds: float = SECONDS
) -> Outcome:
    """Start `guest` on `build`, paused, and save it into the file `into`.

    `loaded` says that the stream is there; other outcomes are as in `Outcome`.
    """
    result = await run_stop(Stop(build, guest), None, into, accel=accel, seconds=seconds)
    return result.left or result.arrived


async def load_canary(
    target: Build,
    guest: Guest,
    stream: BinaryIO,
    *,
    accel: Accel = "kvm",
    seconds: float = SECONDS,
) -> Outcome:
    """Start `guest` on `target`, waiting, and have it load the saved `stream`."""
    result = await run_stop(Stop(target, guest), stream, None, accel=accel, seconds=seconds)
    return result.arrived
