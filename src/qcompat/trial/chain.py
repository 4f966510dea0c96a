"""A paused guest on its way over two or more builds: saved on one, loaded by the next, and on.

Every build is given what the one before really wrote, so that what a guest picks up on its way
shows. The way ends with the first hop that fails. What becomes of it at one stop is `stay`.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import BinaryIO

import msgspec

from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.trial.prediction import (
    Ends,
    Prediction,
    predict,
    predict_carried,
    with_prediction,
)
from qcompat.trial.stay import SECONDS, Stay, stay, unsent
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Hop, Trial

NO_PORTRAIT = "no portrait was given"


class Way(msgspec.Struct, frozen=True):
    """What a chain is played with; `moment` `firmware` runs the firmware at the first stop."""

    stops: tuple[Stop, ...]
    accel: Accel
    moment: Moment
    portraits: tuple[Portrait | str, ...]
    seconds: float

    def ends(self, at: int) -> Ends:
        """The portraits of the hop that arrives at stop `at`."""
        return self.portraits[at - 1], self.portraits[at]


async def play(
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

    With `portraits`, one a stop or why there is none, every hop says what was predicted.
    `seconds` bound each stay. The stream that a stop but the last sends is left in its file of
    `streams`, where given. Raises what is no build's doing, such as a full disk.
    """
    pictures = tuple(portraits) or (NO_PORTRAIT,) * len(stops)
    way = Way(tuple(stops), accel, moment, pictures, seconds)
    with contextlib.ExitStack() as stack:
        files = streams or [
            stack.enter_context(tempfile.TemporaryFile(prefix="qcompat-")) for _ in stops[1:]
        ]
        hops = await _play(way, files, on_hop)
    return Trial(
        guest=stops[0].guest,
        method="canary",
        variant="precopy",
        builds=tuple(stop.build.name for stop in stops),
        hops=hops,
    )


async def _play(
    way: Way, files: Sequence[BinaryIO], on_hop: Callable[[Hop], None] | None
) -> tuple[Hop, ...]:
    hops: list[Hop] = []
    here = await _stay(way, 0, None, files[0])
    for at, (came, goes) in enumerate(pairwise([*files, None]), 1):
        assert came is not None
        there = await _arrive(way, at, here, came, goes)
        hops.append(_hop(way, at, here, there, came))
        if on_hop:
            on_hop(hops[-1])
        if not hops[-1].outcome.loads or there is None:
            break
        here = there
    return tuple(hops)


async def _arrive(
    way: Way, at: int, here: Stay, came: BinaryIO, goes: BinaryIO | None
) -> Stay | None:
    """The stay at the next stop, or None where there is nothing to bring there."""
    if here.left is None or not here.left.loads:
        return None
    return await _stay(way, at, came, goes)


async def _stay(way: Way, at: int, came: BinaryIO | None, goes: BinaryIO | None) -> Stay:
    return await stay(
        way.stops[at], came, goes, accel=way.accel, moment=way.moment, seconds=way.seconds
    )


def _hop(way: Way, at: int, here: Stay, there: Stay | None, came: BinaryIO) -> Hop:
    hop = Hop(
        source=way.stops[at - 1].build.name,
        target=way.stops[at].build.name,
        outcome=there.arrived if there else unsent(here.left or here.arrived),
        was_reset=there is not None and there.arrived.loads and way.stops[at].reset,
        source_log=here.log,
        target_log=there.log if there else "",
    )
    prediction = _prediction(way, at, came, is_sent=there is not None)
    return with_prediction(hop, prediction, way.ends(at))


def _prediction(way: Way, at: int, came: BinaryIO, *, is_sent: bool) -> Prediction:
    """A guest that was born at the source and not reset is what its portrait shows."""
    is_fresh = at == 1 and not way.stops[0].reset
    if is_fresh or not is_sent:
        return predict(way.ends(at))
    return predict_carried(way.ends(at), came)
