"""Making a trial and telling of it: portraits, the trial itself, what is kept, the exit code."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click
from rich.console import Console

from qcompat.app.impossible_guest import refuse_impossible_guest
from qcompat.cli.event_loop import run_waiting
from qcompat.cli.prove.asked import Asked
from qcompat.cli.prove.portraits import portraits_of
from qcompat.local.home import data_home
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.trial import archive
from qcompat.trial.archive_reader import read_archive
from qcompat.trial.perform import Plan, perform
from qcompat.trial.repeat import Run
from qcompat.trial.trial import Trial

Shown = tuple[Portrait | str, ...]


def run(asked: Asked, *, keep: Path | None, as_json: bool, verbose: bool) -> int:
    """Make the trial that is asked for, tell of it, and return the exit code."""
    plan = asked.plan()
    before = read_archive(asked.replay).manifest if asked.replay else None
    portraits = run_waiting(portraits_of(Portraits.here(), plan.stops, plan.accel, plan.moment))
    refuse_impossible_guest(*(each for each in portraits if isinstance(each, Portrait)))
    with contextlib.ExitStack() as stack:
        done = run_waiting(perform(plan, portraits, stack, _tell))
        kept = _keep(done, plan, portraits, keep)
    _show(done.trial, plan, kept, before, as_json=as_json, verbose=verbose)
    return exit_code(done.trial)


def exit_code(trial: Trial) -> int:
    """0 where it works, 1 where it does not, 3 where that remains open."""
    if trial.is_flaky:
        return 3
    if not trial.succeeds:
        return 1
    return 3 if trial.contradicts else 0


def _tell(what: str) -> None:
    """What a live trial is doing, for those who wait."""
    if sys.stderr.isatty():
        click.echo(what, err=True)


def _keep(done: Run, plan: Plan, portraits: Shown, wanted: Path | None) -> Path | None:
    """The archive that was kept: where it is asked for, or of a contradiction in the data home."""
    if wanted is None and not done.trial.contradicts:
        return None
    name, content = archive.pack_run(
        done, plan.stops, portraits, accel=plan.accel, moment=plan.moment
    )
    place = wanted or data_home() / "contradictions" / name
    archive.write(place, content)
    return place


def _show(
    trial: Trial,
    plan: Plan,
    kept: Path | None,
    before: archive.Manifest | None,
    *,
    as_json: bool,
    verbose: bool,
) -> None:
    if as_json:
        from qcompat.report.output import write_document
        from qcompat.report.prove.document import document

        write_document(document(trial, plan, kept, before), sys.stdout)
        return
    from qcompat.report.prove.text import write

    write(trial, Console(highlight=False), kept=kept, before=before, verbose=verbose)
