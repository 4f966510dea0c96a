"""A live trial: the guest boots at the first stop and goes over the others while it works.

What the guest finds of itself is `checks`; how a migration is made is `wire`. Whatever QEMU or the
guest does is an outcome; only what fails on our own side is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from qcompat.errors import CommandError, QemuError
from qcompat.guest.guest import Uncovered
from qcompat.portrait.portrait import Accel
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.outcome import Outcome
from qcompat.trial.live.furniture import Furniture
from qcompat.trial.live.journey import Journey, Limits, NoBootError
from qcompat.trial.live.kernel import obtain_kernel
from qcompat.trial.live.life import House
from qcompat.trial.stay import unsent
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Hop, Trial, Variant
from qcompat.trial.wire.place import shared_place

TIMEOUT = 180.0
_KVM_BOOT = 30.0
"""Seconds for a boot under KVM, which takes two; inside another VM it may take minutes."""


class _Tour(msgspec.Struct, frozen=True):
    """What is asked for, all but the accelerator."""

    stops: tuple[Stop, ...]
    variant: Variant
    limits: Limits
    on_event: Callable[[str], None]


async def run_live(
    stops: Sequence[Stop],
    *,
    variant: Variant = "precopy",
    accel: Accel = "tcg",
    timeout: float = TIMEOUT,
    on_event: Callable[[str], None] = lambda _: None,
) -> Trial:
    """Boot the guest at `stops[0]` and move it to each of the others.

    `timeout` bounds every boot, migration and report, in seconds. A guest that does not boot
    under KVM is run by TCG; that, and all else that is not as the user has it, is told in the
    `uncovered` of the trial's guest. Raises FetchError where the guest's kernel cannot be had,
    CommandError where a build or the host cannot do the variant.
    """
    on_event("making the guest's kernel ready")
    kernel = await asyncio.to_thread(obtain_kernel)
    tour = _Tour(tuple(stop.here for stop in stops), variant, Limits(timeout, timeout), on_event)
    with Furniture(kernel) as furniture:
        if accel == "kvm":
            return await _run_by_kvm(tour, furniture)
        return await _run(tour, furniture, "tcg")


async def _run_by_kvm(tour: _Tour, furniture: Furniture) -> Trial:
    limits = msgspec.structs.replace(tour.limits, boot=min(tour.limits.boot, _KVM_BOOT))
    short = msgspec.structs.replace(tour, limits=limits)
    try:
        return await _run(short, furniture, "kvm", gives_up=True)
    except NoBootError as error:
        reason = f"under KVM {error.message}"
        tour.on_event(f"{reason}; trying without")
        note = Uncovered("-accel kvm", f"{reason}; TCG ran the guest instead")
        return await _run(tour, furniture, "tcg", note)


async def _run(
    tour: _Tour,
    furniture: Furniture,
    accel: Accel,
    *notes: Uncovered,
    gives_up: bool = False,
) -> Trial:
    """One attempt; `gives_up` has it raise NoBootError instead of making an outcome of it."""
    with shared_place() as place:
        house = House(furniture, accel, tour.variant, place)
        async with Journey(house, tour.limits, tour.on_event) as journey:
            try:
                hops = await journey.travel(tour.stops)
            except NoBootError as error:
                if gives_up:
                    raise
                hops = _unborn(tour, Outcome("no_stream", error.message), error.log)
            except CommandError:
                raise
            except QemuError as error:
                hops = _unborn(tour, unsent(outcome_of(error)), error.log)
            return _trial(tour, hops, (*notes, *journey.uncovered))


def _unborn(tour: _Tour, outcome: Outcome, log: str) -> tuple[Hop, ...]:
    """The one hop of a guest that never was up at the first stop."""
    source, target = (stop.build.name for stop in tour.stops[:2])
    return (Hop(source, target, outcome, source_log=log),)


def _trial(tour: _Tour, hops: tuple[Hop, ...], uncovered: tuple[Uncovered, ...]) -> Trial:
    return Trial(
        guest=msgspec.structs.replace(tour.stops[0].guest, uncovered=uncovered),
        method="live",
        variant=tour.variant,
        builds=tuple(stop.build.name for stop in tour.stops),
        hops=hops,
    )
