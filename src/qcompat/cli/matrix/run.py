"""Running a matrix and telling of it: loads, verdicts, what is kept, the exit code."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import click

from qcompat.cli.matrix.asked import Asked
from qcompat.cli.matrix.contradictions import keep_contradictions
from qcompat.cli.matrix.progress import Progress, shown_progress
from qcompat.cli.matrix.shown import Shown
from qcompat.report.matrix.document import read
from qcompat.store.database import connect
from qcompat.trial.matrix.baseline import Change, change_since, match
from qcompat.trial.matrix.cell import Matrix
from qcompat.trial.matrix.deciding.assemble import matrix_of
from qcompat.trial.matrix.question.spec import Scope
from qcompat.trial.matrix.running.cpu_aliases import find_twins
from qcompat.trial.matrix.running.explain import explained, look_up
from qcompat.trial.matrix.running.grouping import Perform
from qcompat.trial.matrix.running.local import Local, usual_jobs
from qcompat.trial.matrix.running.record import Record
from qcompat.trial.matrix.running.run import Run


def run(asked: Asked, shown: Shown) -> int:
    """Try everything that is asked for, tell of it, and return the exit code."""
    scope = asked.scope()
    for machine, names in scope.unable.items():
        click.echo(f"{machine} is not tried on {', '.join(names)}: no such machine type", err=True)
    before = read(asked.baseline) if asked.baseline else None
    if before:
        match(before, [build.name for build in scope.builds], scope.accel, asked.partners())
    record = Record(connect(asked.store), scope.key, resume=asked.resume)
    with shown_progress(len(tuple(scope.keys))) as progress, record:
        matrix = asyncio.run(_run(asked, scope, record, progress))
    kept = keep_contradictions(scope, matrix)
    change = (
        change_since(before, matrix, asked.partners(), promise=asked.promise) if before else None
    )
    shown.show(matrix, change, kept)
    return exit_code(matrix, change)


async def _run(asked: Asked, scope: Scope, record: Record, progress: Progress) -> Matrix:
    settled = record.settled()
    progress.resumed(len(settled))
    async with _performers(asked, scope) as (perform, width):
        twins = await find_twins(scope)
        trying = Run(
            scope,
            perform,
            record.add,
            width=width,
            settled=settled,
            twins=twins,
            watcher=progress,
        )
        await trying.finish()
        found = await look_up(
            scope, trying.cells, trying.verdicts, every=asked.check, on_entry=progress.looking
        )
        await trying.confirm(found)
    return matrix_of(scope, explained(trying.cells, found), record.seconds)


@contextlib.asynccontextmanager
async def _performers(asked: Asked, scope: Scope) -> AsyncIterator[tuple[Perform, int]]:
    if asked.workers is None:
        local = Local(asked.jobs or usual_jobs())
        yield local.perform, local.width
        return
    from qcompat.trial.matrix.running.cluster import connect as connect_workers

    async with connect_workers(asked.workers, scope.builds, scope.accel) as cluster:
        yield cluster.perform, cluster.width


def exit_code(matrix: Matrix, change: Change | None) -> int:
    """0 where all is as it should be, 1 where something breaks, 3 where that remains open."""
    if change:
        return {"kept": 0, "broken": 1, "unknown": 3}[change.answer]
    if any(not cell.outcome.loads and not cell.is_flaky for cell in matrix.cells):
        return 1
    is_open = not matrix.cells or any(c.is_flaky or c.contradicts for c in matrix.cells)
    return 3 if is_open else 0
