"""A live trial: the guest boots at the first stop, works, and migrates to each of the others.

What the guest finds of itself is in `checks`, how one QEMU migrates to another in `wire`. Whatever
QEMU or the guest does is an outcome; only failures on our own side are raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from qcompat.arch.architecture import architecture_of
from qcompat.errors import CommandError, HostLacksError, QemuError
from qcompat.guest.guest import Uncovered
from qcompat.linux.kernel import obtain_kernel
from qcompat.portrait.portrait import Accel
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.outcome import Outcome
from qcompat.trial.live.journey import Journey, Limits, NoBootError
from qcompat.trial.live.launch import Setup, SharedFiles
from qcompat.trial.stop import Stop, unsent
from qcompat.trial.trial import Hop, Trial, Variant
from qcompat.trial.wire.place import shared_place

TIMEOUT = 180.0
_KVM_BOOT = 30.0
"""Seconds for a boot under KVM, which takes two; inside another VM it may take minutes."""


class _Request(msgspec.Struct, frozen=True):
    """What was asked for, except for the accelerator."""

    stops: tuple[Stop, ...]
    variant: Variant
    limits: Limits
    on_event: Callable[[str], None]
    hotplug: bool = False


async def run_live(
    stops: Sequence[Stop],
    *,
    variant: Variant = "precopy",
    accel: Accel = "tcg",
    timeout: float = TIMEOUT,
    hotplug: bool = False,
    on_event: Callable[[str], None] = lambda _: None,
) -> Trial:
    """Boot the guest at `stops[0]` and move it to each of the others.

    `timeout` bounds every boot, migration and report, in seconds. With `hotplug` the guest gets
    devices before every hop and loses them after it. A guest that does not boot under KVM is run by
    TCG; that, and everything else that is not as the user has it, is listed in `uncovered` of the
    trial's guest. Raises FetchError where the guest's kernel cannot be fetched, CommandError where
    a build or the host cannot do the variant.
    """
    on_event("preparing the guest's kernel")
    kernel = await asyncio.to_thread(obtain_kernel, architecture_of(stops[0].guest.machine))
    request = _Request(
        tuple(stop.here for stop in stops), variant, Limits(timeout, timeout), on_event, hotplug
    )
    with SharedFiles(kernel) as files:
        if accel == "kvm":
            return await _run_by_kvm(request, files)
        return await _run(request, files, "tcg")


async def _run_by_kvm(request: _Request, files: SharedFiles) -> Trial:
    limits = msgspec.structs.replace(request.limits, boot=min(request.limits.boot, _KVM_BOOT))
    short = msgspec.structs.replace(request, limits=limits)
    try:
        return await _run(short, files, "kvm", gives_up=True)
    except NoBootError as error:
        reason = f"under KVM {error.message}"
        request.on_event(f"{reason}; trying without")
        note = Uncovered("-accel kvm", f"{reason}; TCG ran the guest instead", "nothing")
        try:
            return await _run(request, files, "tcg", note)
        except HostLacksError as lacking:
            message = f"{reason}, and TCG cannot run it either: {lacking.message}"
            raise HostLacksError(message, "run the trial on a host with working KVM") from error


async def _run(
    request: _Request,
    files: SharedFiles,
    accel: Accel,
    *notes: Uncovered,
    gives_up: bool = False,
) -> Trial:
    """One attempt; with `gives_up` it raises NoBootError instead of making an outcome of it."""
    with shared_place() as place:
        setup = Setup(files, accel, request.variant, place, request.hotplug)
        async with Journey(setup, request.limits, request.on_event) as journey:
            try:
                hops = await journey.travel(request.stops)
            except NoBootError as error:
                if gives_up:
                    raise
                hops = _never_up(request, Outcome("no_stream", error.message), error.log)
            except CommandError:
                raise
            except QemuError as error:
                hops = _never_up(request, unsent(outcome_of(error)), error.log)
            return _trial(request, hops, (*notes, *journey.uncovered))


def _never_up(request: _Request, outcome: Outcome, log: str) -> tuple[Hop, ...]:
    """The one hop of a guest that never came up at the first stop."""
    source, target = (stop.build.name for stop in request.stops[:2])
    return (Hop(source, target, outcome, source_log=log),)


def _trial(request: _Request, hops: tuple[Hop, ...], uncovered: tuple[Uncovered, ...]) -> Trial:
    return Trial(
        guest=msgspec.structs.replace(request.stops[0].guest, uncovered=uncovered),
        method="live",
        variant=request.variant,
        builds=tuple(stop.build.name for stop in request.stops),
        hops=hops,
    )
