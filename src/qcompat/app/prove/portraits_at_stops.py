"""The portraits that a trial's predictions are made from, one a stop, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.errors import BuildError, EnvironmentError_, HostLacksError
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.trial.stop import Stop


async def portraits_at_stops(
    portraits: Portraits, stops: Sequence[Stop], accel: Accel, moment: Moment
) -> tuple[Portrait | str, ...]:
    """Take them or find them in the cache. Errors: BuildError and
    HostLacksError where a build or the guest cannot run here.
    """
    known: dict[tuple[str, Guest], Portrait | str] = {}
    for stop in stops:
        if (stop.build.name, stop.guest) not in known:
            known[stop.build.name, stop.guest] = await _portrait(portraits, stop, accel, moment)
    return tuple(known[stop.build.name, stop.guest] for stop in stops)


async def _portrait(
    portraits: Portraits, stop: Stop, accel: Accel, moment: Moment
) -> Portrait | str:
    try:
        return await portraits.of(stop.build, stop.guest, moment=moment, accel=accel)
    except (BuildError, HostLacksError):
        raise
    except EnvironmentError_ as error:
        return f"no portrait of {stop.build.name} could be taken: {error.message}"
