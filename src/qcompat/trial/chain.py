"""A paused guest on its way over two or more builds: saved on one, loaded by the next, and so on.

Every build loads what the one before really wrote, so that what a guest picks up on its way
shows. The way ends with the first hop that fails. One stop of it is `canary.run_stop`.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import BinaryIO

import msgspec

from qcompat.errors import StreamError
from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.stream.reader.whole import read
from qcompat.trial.canary import SECONDS, StopResult, run_stop
from qcompat.trial.prediction import (
    Ends,
    Prediction,
    predict,
    with_prediction,
)
from qcompat.trial.stop import Stop, unsent
from qcompat.trial.trial import Hop, Trial

NO_PORTRAIT = "no portrait was given"


class _Chain(msgspec.Struct, frozen=True):
    """What a chain is run with; the moment `firmware` runs the firmware at the first stop."""

    stops: tuple[Stop, ...]
    accel: Accel
    moment: Moment
    portraits: tuple[Portrait | str, ...]
    seconds: float

    def ends(self, at: int) -> Ends:
        """The portraits of the hop that arrives at stop `at`."""
        return self.portraits[at - 1], self.portraits[at]


async def run_chain(
    stops: Sequence[Stop],
    *,
    accel: Accel = "kvm",
    moment: Moment = "reset",
    portraits: Sequence[Portrait | str] = (),
    seconds: float = SECONDS,
    streams: Sequence[BinaryIO] = (),
    on_hop: Callable[[Hop], None] | None = None,
) -> Trial:
    """Send a paused guest over `stops`, each of which starts it with that stop's arguments.

    With `portraits` (for each stop one, or why there is none) every hop says what was predicted.
    `seconds` bounds each stop. Every stop but the last leaves its stream in its file of `streams`,
    where given. Raises only what no build caused, such as a full disk.
    """
    known = tuple(portraits) or (NO_PORTRAIT,) * len(stops)
    chain = _Chain(tuple(stops), accel, moment, known, seconds)
    with contextlib.ExitStack() as stack:
        files = streams or [
            stack.enter_context(tempfile.TemporaryFile(prefix="qcompat-")) for _ in stops[1:]
        ]
        hops = await _run(chain, files, on_hop)
    return Trial(
        guest=stops[0].guest,
        method="canary",
        variant="precopy",
        builds=tuple(stop.build.name for stop in stops),
        hops=hops,
    )


async def _run(
    chain: _Chain, files: Sequence[BinaryIO], on_hop: Callable[[Hop], None] | None
) -> tuple[Hop, ...]:
    hops: list[Hop] = []
    here = await _stop(chain, 0, None, files[0])
    for at, (incoming, outgoing) in enumerate(pairwise([*files, None]), 1):
        assert incoming is not None
        there = await _arrive(chain, at, here, incoming, outgoing)
        hops.append(_hop(chain, at, here, there, incoming))
        if on_hop:
            on_hop(hops[-1])
        if not hops[-1].outcome.loads or there is None:
            break
        here = there
    return tuple(hops)


async def _arrive(
    chain: _Chain, at: int, here: StopResult, incoming: BinaryIO, outgoing: BinaryIO | None
) -> StopResult | None:
    """What came of the next stop, or None where there is nothing to load."""
    if here.left is None or not here.left.loads:
        return None
    return await _stop(chain, at, incoming, outgoing)


async def _stop(
    chain: _Chain, at: int, incoming: BinaryIO | None, outgoing: BinaryIO | None
) -> StopResult:
    return await run_stop(
        chain.stops[at],
        incoming,
        outgoing,
        accel=chain.accel,
        moment=chain.moment,
        seconds=chain.seconds,
    )


def _hop(
    chain: _Chain, at: int, here: StopResult, there: StopResult | None, stream: BinaryIO
) -> Hop:
    hop = Hop(
        source=chain.stops[at - 1].build.name,
        target=chain.stops[at].build.name,
        outcome=there.arrived if there else unsent(here.left or here.arrived),
        was_reset=there is not None and there.arrived.loads and chain.stops[at].reset,
        source_log=here.log,
        target_log=there.log if there else "",
    )
    prediction = _prediction(chain, at, stream, is_sent=there is not None)
    return with_prediction(hop, prediction, chain.ends(at))


def _prediction(chain: _Chain, at: int, stream: BinaryIO, *, is_sent: bool) -> Prediction:
    """A guest that was started on the source and not reset is what its portrait shows."""
    is_fresh = at == 1 and not chain.stops[0].reset
    if is_fresh or not is_sent:
        return predict(chain.ends(at))
    return predict_carried(chain.ends(at), stream)


def predict_carried(ends: Ends, stream: BinaryIO) -> Prediction:
    """The verdict for the guest that is in `stream`, which the source's build wrote."""
    source, target = ends
    if isinstance(source, str):
        return predict(ends)
    stream.seek(0)
    try:
        return predict((msgspec.structs.replace(source, stream=read(stream)), target))
    except StreamError as error:
        return Prediction(lacking=f"the stream that was sent cannot be read: {error.message}")
