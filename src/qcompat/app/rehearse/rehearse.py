"""Rehearsals of one running guest on several targets, side by side, and what they leave open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from qcompat.app.matrix.contradictions import PLACE
from qcompat.app.prove.portraits_at_stops import portraits_at_stops
from qcompat.app.rehearse.guest_now import GuestNow
from qcompat.app.running.targets import distinct
from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.registry import Registry
from qcompat.errors import UnknownBuildError
from qcompat.local.side_by_side import side_by_side
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.trial import archive
from qcompat.trial.canary import SECONDS
from qcompat.trial.rehearsal.parts import Part, parts_of
from qcompat.trial.rehearsal.rehearse import Rehearsal, rehearse
from qcompat.trial.repeat import TrialRun
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Trial

_AT_ONCE = 2


class RehearseQuestion(msgspec.Struct, frozen=True):
    """Where a running guest would go: names of builds of this machine.

    With `back` each target's state is loaded by the guest's own build again. `timeout` bounds each
    load, in seconds. `keep` is a directory for the archives.
    """

    targets: tuple[str, ...]
    back: bool = False
    times: int = 1
    timeout: float | None = None
    keep: Path | None = None


class Rehearsed(msgspec.Struct, frozen=True):
    """What came of it, a trial a target.

    `parts` are those of the guest of which a rehearsal cannot tell everything. `kept` are the
    archives that were written. `targets` are the builds, as they were then.
    """

    now: GuestNow
    trials: tuple[Trial, ...]
    parts: tuple[Part, ...]
    kept: tuple[Path, ...] = ()
    targets: tuple[BuildIdentity, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a refusal may come from memory that a rehearsal does not have."""
        return any(part.handling == "open" for part in self.parts)


async def rehearse_on_targets(
    question: RehearseQuestion, now: GuestNow, portraits: Portraits
) -> Rehearsed:
    """Load the guest of now on every target.

    A trial that contradicts its prediction is kept below the data home. Errors: UsageError for
    targets that are not builds of this machine, and as `rehearse`.
    """
    source, targets = _ends(question, now, portraits.registry)
    shown = await portraits_at_stops(portraits, targets, now.portrait.accel, "reset")
    with contextlib.ExitStack() as stack:
        wanted = [
            Rehearsal(
                now.portrait,
                (source, target, source) if question.back else (source, target),
                each,
                now.blocked,
                question.timeout or SECONDS,
            )
            for target, each in zip(targets, shown, strict=True)
        ]
        runs = await _rehearse_all(wanted, stack, question.times)
        kept = [
            path
            for rehearsal, run in zip(wanted, runs, strict=True)
            if (path := _keep(rehearsal, run, question.keep, portraits.registry.home / PLACE))
        ]
    return Rehearsed(
        now,
        tuple(run.trial for run in runs),
        parts_of(now.portrait),
        tuple(kept),
        tuple(target.build.identity for target in targets),
    )


def _ends(
    question: RehearseQuestion, now: GuestNow, registry: Registry
) -> tuple[Stop, tuple[Stop, ...]]:
    guest = now.portrait.guest
    targets = [registry.get(name) for name in distinct(question.targets)]
    source = Stop(_source(now.portrait, registry, is_needed=question.back), guest).here
    return source, tuple(Stop(target, guest).here for target in targets)


def _source(now: Portrait, registry: Registry, *, is_needed: bool) -> Build:
    """The build that the guest runs on; it need not be on this machine to go there."""
    for build in registry.list():
        if build.identity == now.identity:
            return build
    if is_needed:
        raise UnknownBuildError(
            f"the way back needs the guest's own build, {now.build}: QEMU {now.identity.version}"
            f" {now.identity.package}, which is not registered here",
            "fetch or add it (qcompat builds), or leave --back out",
        )
    return Build(now.build, now.identity, "native", "")


async def _rehearse_all(
    wanted: Sequence[Rehearsal], stack: contextlib.ExitStack, times: int
) -> list[TrialRun]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(rehearsal: Rehearsal) -> TrialRun:
        async with gate:
            return await rehearse(rehearsal, stack, times)

    return await side_by_side(map(one, wanted))


def _keep(rehearsal: Rehearsal, run: TrialRun, wanted: Path | None, home: Path) -> Path | None:
    """The archive that was kept: where it is asked for, or of a contradiction in `home`."""
    if wanted is None and not run.trial.contradicts:
        return None
    name, content = archive.pack_run(
        run, rehearsal.stops, rehearsal.portraits, accel=rehearsal.accel, moment="running"
    )
    place = (wanted or home) / name
    archive.write(place, content)
    return place
