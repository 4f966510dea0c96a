"""What a paused guest goes through at one stop: it is born or arrives, may be reset, and leaves.

A stay takes one launch. Whatever QEMU does in it is an outcome; only a failure on our own side
is raised.
"""

from __future__ import annotations

import asyncio
from typing import BinaryIO

import msgspec

from qcompat.builds.run.command import command
from qcompat.errors import QemuError
from qcompat.guest.startable import startable
from qcompat.portrait.portrait import Accel, Moment
from qcompat.portrait.run_firmware import run_firmware
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import load, save
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.trial.stop import Stop

SECONDS = 60.0
"""How long a paused guest's stay may take before the QEMU counts as hung."""

LOADED = Outcome("loaded")


class Stay(msgspec.Struct, frozen=True):
    """How it went: `arrived` is how the guest came in, `left` how it went out again.

    `left` is None where the guest was to stay, or never arrived. A guest that starts here counts
    as `loaded`. `log` is all that QEMU printed.
    """

    arrived: Outcome
    left: Outcome | None = None
    log: str = ""


class _Progress:
    """How far a stay got, since the end of it may be an exception."""

    def __init__(self) -> None:
        self.qemu: Qemu | None = None
        self.has_arrived = False


async def stay(
    stop: Stop,
    came: BinaryIO | None,
    goes: BinaryIO | None,
    *,
    accel: Accel,
    moment: Moment = "reset",
    seconds: float = SECONDS,
) -> Stay:
    """Start the guest at `stop`, load `came` where it comes from elsewhere, save it into `goes`.

    `moment` `firmware` runs the firmware of a guest that starts here before anything else.
    """
    progress = _Progress()
    try:
        async with asyncio.timeout(seconds):
            log = await _live(progress, stop, came, goes, accel, moment)
        return Stay(LOADED, LOADED if goes else None, log)
    except TimeoutError:
        log = progress.qemu.log if progress.qemu else ""
        return _ended(progress, Outcome("hung", f"no end within {seconds:g} s"), log)
    except QemuError as error:
        return _ended(progress, outcome_of(error), error.log)


async def _live(
    progress: _Progress,
    stop: Stop,
    came: BinaryIO | None,
    goes: BinaryIO | None,
    accel: Accel,
    moment: Moment,
) -> str:
    guest = startable(stop.guest)
    prefix = command(stop.build, kvm=accel == "kvm", network_namespace=guest.network_namespace)
    incoming = ("-incoming", "defer") if came else ()
    async with launch(prefix, ["-accel", accel, *incoming, *guest.arguments]) as qemu:
        progress.qemu = qemu
        if came:
            came.seek(0)
            await load(qemu, came)
        elif moment == "firmware":
            await run_firmware(qemu)
        progress.has_arrived = True
        if stop.reset:
            await qemu.reset()
        if goes:
            await save(qemu, goes)
        return qemu.log


def _ended(progress: _Progress, outcome: Outcome, log: str) -> Stay:
    if not progress.has_arrived:
        return Stay(outcome, None, log)
    kind = "no_stream" if outcome.kind == "refused" else outcome.kind
    return Stay(LOADED, Outcome(kind, outcome.message), log)


def unsent(failed: Outcome) -> Outcome:
    """What a hop ends with whose source did not start the guest, or could not send it."""
    return failed if failed.kind in ("crashed", "hung") else Outcome("no_stream", failed.message)
