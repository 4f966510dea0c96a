"""A build's portrait of a guest, taken as another portrait was, from the cache if it is there."""

from __future__ import annotations

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home
from qcompat.portrait.obtain import at_hand
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.take import take


async def portrait_of(build: Build, guest: Guest, like: Portrait) -> Portrait:
    """The portrait of `guest` on `build`, at the moment and with the accelerator of `like`.

    Raises what taking a portrait raises.
    """
    kept = at_hand(build, guest, moment=like.moment, accel=like.accel)
    if "cached" in kept:
        return kept["cached"]
    facts = learn(build, cache=cache_home())
    return await take(build, guest, facts, moment=like.moment, accel=like.accel)
