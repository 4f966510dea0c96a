"""A real migration over builds, held against what was predicted, and kept where it should be."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from qcompat.app.impossible_guest import refuse_impossible_guest
from qcompat.app.prove.portraits_at_stops import portraits_at_stops
from qcompat.app.prove.question import ProveQuestion
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.trial import archive
from qcompat.trial.archive_reader import read_archive
from qcompat.trial.perform import TrialPlan, perform
from qcompat.trial.repeat import TrialRun
from qcompat.trial.trial import Trial

CONTRADICTIONS = "contradictions"


class Proved(msgspec.Struct, frozen=True):
    """A trial that was made.

    `kept` is its archive, where it was kept; `before` the earlier trial that it repeats.
    """

    trial: Trial
    plan: TrialPlan
    kept: Path | None = None
    before: archive.Manifest | None = None


async def prove(
    question: ProveQuestion,
    portraits: Portraits,
    on_event: Callable[[str], None] = lambda _: None,
) -> Proved:
    """Make the trial. `on_event` is told what a live trial is doing, and that the
    firmware of a paused one does not get idle.

    A trial that contradicts its prediction is kept below the data home. Errors: UsageError,
    GuestError where no build starts the guest, and what starting builds raises.
    """
    plan = await question.plan(portraits)
    before = read_archive(question.replay).manifest if question.replay else None
    shown = await portraits_at_stops(portraits, plan.stops, plan.accel, plan.moment)
    if any(isinstance(each, Portrait) and each.moment != plan.moment for each in shown):
        on_event("the firmware does not get idle: this is a trial of the guest before it runs")
        plan = msgspec.structs.replace(plan, moment="reset")
        shown = await portraits_at_stops(portraits, plan.stops, plan.accel, plan.moment)
    refuse_impossible_guest(*(each for each in shown if isinstance(each, Portrait)))
    with contextlib.ExitStack() as stack:
        done = await perform(plan, shown, stack, on_event)
        home = portraits.registry.home / CONTRADICTIONS
        kept = _keep(done, plan, shown, question.keep, home)
    return Proved(done.trial, plan, kept, before)


def _keep(
    done: TrialRun,
    plan: TrialPlan,
    shown: tuple[Portrait | str, ...],
    wanted: Path | None,
    home: Path,
) -> Path | None:
    """The archive that was kept: where it is asked for, or of a contradiction in `home`."""
    if wanted is None and not done.trial.contradicts:
        return None
    name, content = archive.pack_run(
        done, plan.stops, shown, accel=plan.accel, moment=plan.moment, hotplug=plan.hotplug
    )
    place = wanted or home / name
    archive.write(place, content)
    return place
