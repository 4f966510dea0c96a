"""The canary: a paused guest saved on one build and loaded by another.

It is the truth that verdicts at the moment `reset` are scored against. One save serves any
number of loads. What a paused guest goes through at one stop is `stay`, a way over many `chain`.
"""

from __future__ import annotations

from typing import BinaryIO

from qcompat.builds.build import Build
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel
from qcompat.qemu.outcome import Outcome
from qcompat.trial.stay import SECONDS, stay
from qcompat.trial.stop import Stop


async def save_canary(
    build: Build, guest: Guest, into: BinaryIO, *, accel: Accel = "kvm", seconds: float = SECONDS
) -> Outcome:
    """Start `guest` on `build`, paused, and save it into the file `into`.

    `loaded` says that the stream is there; what else it can be is as in `Outcome`.
    """
    found = await stay(Stop(build, guest), None, into, accel=accel, seconds=seconds)
    return found.left or found.arrived


async def load_canary(
    target: Build,
    guest: Guest,
    stream: BinaryIO,
    *,
    accel: Accel = "kvm",
    seconds: float = SECONDS,
) -> Outcome:
    """Start `guest` on `target`, waiting, and give it the saved `stream`."""
    found = await stay(Stop(target, guest), stream, None, accel=accel, seconds=seconds)
    return found.arrived
