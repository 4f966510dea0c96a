"""A paused guest that goes straight from one running QEMU to the next, by postcopy or multifd.

No stream is kept, so only the first hop, that of a fresh guest, can be predicted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from qcompat.builds.run.command import command
from qcompat.errors import HostLacksError, QemuError
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.twin.memory import private
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.launch import launch
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.trial.canary import SECONDS
from qcompat.trial.prediction import with_first_prediction
from qcompat.trial.stop import Stop, unsent
from qcompat.trial.trial import Hop, Trial, Variant
from qcompat.trial.wire.ends import with_faults
from qcompat.trial.wire.migrate import migrate
from qcompat.trial.wire.place import shared_place


class _Setup(msgspec.Struct, frozen=True):
    """What all builds of a trial are started with."""

    accel: Accel
    variant: Variant
    place: Path
    seconds: float

    def command(self, stop: Stop) -> list[str]:
        """The words that start a stop's build, with what the variant needs."""
        words = command(
            stop.build,
            writable=(self.place,),
            kvm=self.accel == "kvm",
            network_namespace=stop.guest.network_namespace,
        )
        return with_faults(words) if self.variant == "postcopy" else words


class _Failed(msgspec.Struct, frozen=True):
    """A build that did not start the guest, or ended while it was reset."""

    outcome: Outcome
    log: str = ""


async def run_direct(
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
        hops = await _run(_Setup(accel, variant, place, seconds), stops)
    trial = Trial(
        guest=stops[0].guest,
        method="canary",
        variant=variant,
        builds=tuple(stop.build.name for stop in stops),
        hops=hops,
    )
    return with_first_prediction(trial, portraits)


async def _run(setup: _Setup, stops: tuple[Stop, ...]) -> tuple[Hop, ...]:
    hops: list[Hop] = []
    async with contextlib.AsyncExitStack() as stack:
        here = await _start(stack, setup, stops[0])
        for source, target in pairwise(stops):
            hop, there = await _hop(stack, setup, here, target)
            names = source.build.name, target.build.name
            hops.append(msgspec.structs.replace(hop, source=names[0], target=names[1]))
            if there is None:
                break
            here = there
    return tuple(hops)


async def _hop(
    stack: contextlib.AsyncExitStack, setup: _Setup, here: Qemu | _Failed, stop: Stop
) -> tuple[Hop, Qemu | _Failed | None]:
    """One migration, and where the guest is after it: nowhere if it failed."""
    if isinstance(here, _Failed):
        return Hop("", "", unsent(here.outcome), source_log=here.log), None
    there = await _start(stack, setup, stop, "-incoming", "defer")
    if isinstance(there, _Failed):
        return Hop("", "", there.outcome, source_log=here.log, target_log=there.log), None
    moved = await migrate(
        here, there, variant=setup.variant, place=setup.place, seconds=setup.seconds
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
    return hop, (await _after_reset(there, stop)) if moved.outcome.loads else None


async def _start(
    stack: contextlib.AsyncExitStack, setup: _Setup, stop: Stop, *incoming: str
) -> Qemu | _Failed:
    """The guest on the build of a stop: started there, or waiting to arrive."""
    arguments = ["-accel", setup.accel, *incoming, *private(stop.guest.arguments)]
    try:
        qemu = await stack.enter_async_context(launch(setup.command(stop), arguments))
    except QemuError as error:
        return _Failed(outcome_of(error), error.log)
    except HostLacksError as error:
        raise error.on(stop.build.name) from error
    return qemu if incoming else await _after_reset(qemu, stop)


async def _after_reset(qemu: Qemu, stop: Stop) -> Qemu | _Failed:
    """The guest after its reset, where the stop asks for one."""
    try:
        if stop.reset:
            await qemu.reset()
    except QemuError as error:
        return _Failed(outcome_of(error), error.log)
    return qemu
