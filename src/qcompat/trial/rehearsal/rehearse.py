"""Rehearsing a migration: a target really loads the device state of a running guest, paused.

    source (the guest runs on)      target                      source, with --back
    device state of now        →    loads it, saves it     →    loads that

The target is a twin in a sandbox, as in a canary; it never runs. What a rehearsal cannot tell is
in `parts`.
"""

from __future__ import annotations

import contextlib
import tempfile
from typing import BinaryIO

import msgspec

from qcompat.portrait.portrait import Accel, Portrait
from qcompat.qemu.outcome import Outcome
from qcompat.trial.canary import SECONDS, StopResult, run_stop
from qcompat.trial.chain import predict_carried
from qcompat.trial.prediction import predict, with_prediction
from qcompat.trial.rehearsal.stream import write_loadable
from qcompat.trial.repeat import AGAIN, TrialRun, repeat
from qcompat.trial.stop import Stop, unsent
from qcompat.trial.trial import Hop, Trial


class Rehearsal(msgspec.Struct, frozen=True):
    """What is to be rehearsed: a guest of now, and where it would go.

    `now` is its portrait at the moment `running`; `stops` are its build and the target, then
    perhaps its build again. `shown` is the target's portrait of the same guest, or why there is
    none. `blocked` is why the running QEMU would not send the guest at all; then `now` may have
    no stream.
    """

    now: Portrait
    stops: tuple[Stop, ...]
    shown: Portrait | str
    blocked: tuple[str, ...] = ()
    seconds: float = SECONDS

    @property
    def accel(self) -> Accel:
        """What runs the guest, and has to run its twins."""
        return self.now.accel

    @property
    def portraits(self) -> tuple[Portrait | str, ...]:
        """The portraits at the stops."""
        return (self.now, self.shown, self.now)[: len(self.stops)]


async def rehearse(
    rehearsal: Rehearsal,
    open_files: contextlib.ExitStack,
    times: int = 1,
    *,
    again: int = AGAIN,
) -> TrialRun:
    """Load the guest of now on the target, `times` times, and `again` times where it is doubtful.

    The streams stay open as long as `open_files` does. Errors: as `run_stop`.
    """

    async def once() -> TrialRun:
        streams = [_unnamed(open_files) for _ in rehearsal.stops[1:]]
        if rehearsal.now.stream is not None:
            streams[0].write(write_loadable(rehearsal.now.stream))
        return TrialRun(await _once(rehearsal, streams), tuple(streams))

    return await repeat(once, times, again=again)


def _unnamed(open_files: contextlib.ExitStack) -> BinaryIO:
    return open_files.enter_context(tempfile.TemporaryFile(prefix="qcompat-"))


async def _once(rehearsal: Rehearsal, streams: list[BinaryIO]) -> Trial:
    back = streams[1] if len(streams) > 1 else None
    arrived = await _stop(rehearsal, 1, streams[0], back)
    hops = [_there(rehearsal, arrived)]
    if arrived and arrived.arrived.loads and back:
        hops.append(await _back(rehearsal, arrived, back))
    return Trial(
        guest=rehearsal.stops[0].guest,
        method="rehearsal",
        variant="precopy",
        builds=tuple(stop.build.name for stop in rehearsal.stops),
        hops=tuple(hops),
    )


async def _stop(
    rehearsal: Rehearsal, at: int, incoming: BinaryIO, outgoing: BinaryIO | None
) -> StopResult | None:
    """What came of one stop; None where the running QEMU would send nothing."""
    if rehearsal.blocked:
        return None
    return await run_stop(
        rehearsal.stops[at],
        incoming,
        outgoing,
        accel=rehearsal.accel,
        moment="running",
        seconds=rehearsal.seconds,
    )


def _there(rehearsal: Rehearsal, there: StopResult | None) -> Hop:
    source, target = rehearsal.stops[:2]
    hop = Hop(
        source=source.build.name,
        target=target.build.name,
        outcome=there.arrived if there else Outcome("no_stream", "; ".join(rehearsal.blocked)),
        target_log=there.log if there else "",
    )
    ends = (rehearsal.now, rehearsal.shown)
    return with_prediction(hop, predict(ends), ends)


async def _back(rehearsal: Rehearsal, left: StopResult, stream: BinaryIO) -> Hop:
    """The way back, with what the target really saved."""
    is_sent = left.left is not None and left.left.loads
    home = await _stop(rehearsal, 2, stream, None) if is_sent else None
    ends = (rehearsal.shown, rehearsal.now)
    hop = Hop(
        source=rehearsal.stops[1].build.name,
        target=rehearsal.stops[2].build.name,
        outcome=home.arrived if home else unsent(left.left or left.arrived),
        source_log=left.log,
        target_log=home.log if home else "",
    )
    found = predict_carried(ends, stream) if is_sent else predict(ends)
    return with_prediction(hop, found, ends)
