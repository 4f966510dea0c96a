"""A paused guest that goes straight from one running QEMU to the next, by postcopy or multifd.

There is no stream to keep here, so that only the first hop, of a fresh guest, can be predicted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from qcompat.builds.run.command import command
from qcompat.errors import QemuError
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.launch import launch
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.trial.prediction import foretold
from qcompat.trial.stay import SECONDS, unsent
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Hop, Trial, Variant
from qcompat.trial.wire.ends import with_faults
from qcompat.trial.wire.migrate import migrate
from qcompat.trial.wire.place import shared_place


class Berth(msgspec.Struct, frozen=True):
    """Where the builds of a trial run: as `command` has it, with what the variant needs."""

    accel: Accel
    variant: Variant
    place: Path
    seconds: float

    def command(self, stop: Stop) -> list[str]:
        """The words that start the build of a stop."""
        words = command(
            stop.build,
            writable=(self.place,),
            kvm=self.accel == "kvm",
            network_namespace=stop.guest.network_namespace,
        )
        return with_faults(words) if self.variant == "postcopy" else words


class Fallen(msgspec.Struct, frozen=True):
    """A build that did not start the guest, or ended while it was reset."""

    outcome: Outcome
    log: str = ""


async def play_directly(
    stops: Sequence[Stop],
    variant: Variant,
    *,
    accel: Accel = "kvm",
    portraits: Sequence[Portrait | str],
    seconds: float = SECONDS,
) -> Trial:
    """Send a paused guest over `stops`; the way ends with the first hop that fails.

    Raises CommandError where a build or the host cannot do the variant.
    """
    stops = tuple(stop.here for stop in stops)
    with shared_place() as place:
        hops = await _play(Berth(accel, variant, place, seconds), stops)
    trial = Trial(
        guest=stops[0].guest,
        method="canary",
        variant=variant,
        builds=tuple(stop.build.name for stop in stops),
        hops=hops,
    )
    return foretold(trial, portraits)


async def _play(berth: Berth, stops: tuple[Stop, ...]) -> tuple[Hop, ...]:
    hops: list[Hop] = []
    async with contextlib.AsyncExitStack() as stack:
        here = await _start(stack, berth, stops[0])
        for source, target in pairwise(stops):
            hop, there = await _hop(stack, berth, here, target)
            names = source.build.name, target.build.name
            hops.append(msgspec.structs.replace(hop, source=names[0], target=names[1]))
            if there is None:
                break
            here = there
    return tuple(hops)


async def _hop(
    stack: contextlib.AsyncExitStack, berth: Berth, here: Qemu | Fallen, stop: Stop
) -> tuple[Hop, Qemu | Fallen | None]:
    """One migration, and where the guest is after it: nowhere if it failed."""
    if isinstance(here, Fallen):
        return Hop("", "", unsent(here.outcome), source_log=here.log), None
    there = await _start(stack, berth, stop, "-incoming", "defer")
    if isinstance(there, Fallen):
        return Hop("", "", there.outcome, source_log=here.log, target_log=there.log), None
    moved = await migrate(
        here, there, variant=berth.variant, place=berth.place, seconds=berth.seconds
    )
    await here.end()
    hop = Hop(
        "",
        "",
        moved.outcome,
        total=moved.total,
        was_reset=moved.outcome.loads and stop.reset,
        source_log=here.log,
        target_log=there.log,
    )
    return hop, (await _rested(there, stop)) if moved.outcome.loads else None


async def _start(
    stack: contextlib.AsyncExitStack, berth: Berth, stop: Stop, *incoming: str
) -> Qemu | Fallen:
    """The guest on the build of a stop, born there or awaited."""
    arguments = ["-accel", berth.accel, *incoming, *stop.guest.arguments]
    try:
        qemu = await stack.enter_async_context(launch(berth.command(stop), arguments))
    except QemuError as error:
        return Fallen(outcome_of(error), error.log)
    return qemu if incoming else await _rested(qemu, stop)


async def _rested(qemu: Qemu, stop: Stop) -> Qemu | Fallen:
    """The guest after what befalls it at its stop."""
    try:
        if stop.reset:
            await qemu.reset()
    except QemuError as error:
        return Fallen(outcome_of(error), error.log)
    return qemu
