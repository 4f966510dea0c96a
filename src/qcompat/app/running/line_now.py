"""The command line of a running guest as it is now, with the help of a twin.

What a plugged device was given is not told by QEMU: all its properties are, those that nobody set
among them. So a twin gets the device without any, and what it then has otherwise was set.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager

import msgspec

from qcompat.builds.build import Build
from qcompat.errors import QcompatError
from qcompat.guest.given.line import guest_of
from qcompat.guest.guest import Uncovered
from qcompat.lineage.plugged.line_of_now import LineOfNow, line_of_now
from qcompat.lineage.plugged.set_properties import matched, set_properties
from qcompat.portrait.portrait import Accel
from qcompat.portrait.running.observed import Observed, Peripheral
from qcompat.qemu.monitor import Monitor

Look = Callable[[], AbstractAsyncContextManager[Monitor]]
"""Opens a session with the running guest."""


class LineNow(msgspec.Struct, frozen=True):
    """The line, and what of the plugged devices could not be told."""

    line: LineOfNow
    untold: tuple[Uncovered, ...] = ()


async def line_now(
    words: tuple[str, ...], seen: Observed, build: Build, accel: Accel, look: Look
) -> LineNow:
    """The line of the guest that was started with `words`. Errors: GuestError as `guest_of`."""
    bare = line_of_now(words, seen)
    if not bare.came:
        return LineNow(bare)
    from qcompat.portrait.running.twin import answers_of_twin

    try:
        twin = await answers_of_twin(build, guest_of(bare.words), accel)
    except QcompatError as error:
        reason = f"a twin that has it does not start: {error.message}"
        return LineNow(bare, tuple(_untold(each, reason) for each in bare.came))
    pairs = matched(bare.came, twin)
    lost = [each for each in bare.came if each.path not in pairs]
    untold = tuple(_untold(each, "its place or type is another in its twin") for each in lost)
    told = {path: set_properties(one, pairs[path]) async for path, one in _asked(pairs, bare, look)}
    return LineNow(line_of_now(words, seen, told), untold)


async def _asked(
    pairs: Mapping[str, Peripheral], bare: LineOfNow, look: Look
) -> AsyncIterator[tuple[str, Peripheral]]:
    """The devices with their properties: of these a twin survived every question."""
    from qcompat.portrait.running.peripherals import with_properties

    async with look() as monitor:
        for each in bare.came:
            if each.path in pairs:
                yield each.path, await with_properties(monitor.ask, each)


def _untold(one: Peripheral, reason: str) -> Uncovered:
    return Uncovered(f"{one.name}, plugged in", f"what it was given is not known: {reason}")
