"""Running a matrix and telling of it: loads, verdicts, what is kept, the exit code."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import click

from qcompat.cli.event_loop import run_waiting
from qcompat.cli.matrix.asked import Asked
from qcompat.cli.matrix.contradictions import keep_contradictions
from qcompat.cli.matrix.progress import Progress, shown_progress
from qcompat.cli.matrix.shown import Shown
from qcompat.portrait.portraits import Portraits
from qcompat.report.matrix.document import read
from qcompat.store.database import connect
from qcompat.trial.matrix.baseline import Change, change_since
from qcompat.trial.matrix.build_matching import match_builds
from qcompat.trial.matrix.cell import Matrix
from qcompat.trial.matrix.deciding.assemble import assemble_matrix
from qcompat.trial.matrix.deciding.verdicts import with_verdicts
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.trial.matrix.running.cpu_aliases import find_cpu_aliases
from qcompat.trial.matrix.running.grouping import Perform
from qcompat.trial.matrix.running.predictions import complete_verdicts
from qcompat.trial.matrix.running.record import Record
from qcompat.trial.matrix.running.run import Run
from qcompat.trial.matrix.running.run_batch import Local, usual_jobs


def run(asked: Asked, shown: Shown) -> int:
    """Try everything that is asked for, tell of it, and return the exit code."""
    portraits = Portraits.here()
    spec = asked.spec()
    for machine, names in spec.unable.items():
        click.echo(f"{machine} is not tried on {', '.join(names)}: no such machine type", err=True)
    before = read(asked.baseline) if asked.baseline else None
    if before:
        builds = [build.name for build in spec.builds]
        match_builds(before, builds, spec.accel, asked.same_builds())
    record = Record(connect(asked.store), spec.key, resume=asked.resume)
    with shown_progress(len(tuple(spec.keys))) as progress, record:
        matrix = run_waiting(_run(asked, portraits, spec, record, progress))
    kept = run_waiting(keep_contradictions(portraits, spec, matrix))
    change = (
        change_since(before, matrix, asked.same_builds(), promise=asked.promise) if before else None
    )
    shown.show(matrix, change, kept)
    return exit_code(matrix, change)


async def _run(
    asked: Asked, portraits: Portraits, spec: MatrixSpec, record: Record, progress: Progress
) -> Matrix:
    settled = record.settled()
    progress.resumed(len(settled))
    async with _performers(asked, spec) as (perform, width):
        cpu_aliases = await find_cpu_aliases(spec)
        trying = Run(
            spec,
            perform,
            record.add,
            width=width,
            settled=settled,
            cpu_aliases=cpu_aliases,
            portraits=portraits,
            watcher=progress,
        )
        await trying.finish()
        found = await complete_verdicts(
            portraits,
            spec,
            trying.cells,
            trying.verdicts,
            every=asked.check,
            on_entry=progress.looking,
        )
        await trying.confirm(found)
    return assemble_matrix(spec, with_verdicts(trying.cells, found), record.seconds)


@contextlib.asynccontextmanager
async def _performers(asked: Asked, spec: MatrixSpec) -> AsyncIterator[tuple[Perform, int]]:
    if asked.workers is None:
        local = Local(asked.jobs or usual_jobs())
        yield local.perform, local.width
        return
    from qcompat.trial.matrix.running.cluster import connect as connect_workers

    async with connect_workers(asked.workers, spec.builds, spec.accel) as cluster:
        yield cluster.perform, cluster.width


def exit_code(matrix: Matrix, change: Change | None) -> int:
    """0 where all is as it should be, 1 where something breaks, 3 where that remains open."""
    if change:
        return {"kept": 0, "broken": 1, "unknown": 3}[change.answer]
    if any(not cell.outcome.loads and not cell.is_flaky for cell in matrix.cells):
        return 1
    is_open = not matrix.cells or any(c.is_flaky or c.contradicts for c in matrix.cells)
    return 3 if is_open else 0
