"""Many guests on all ordered pairs of builds: loads, verdicts, what changed since a baseline."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from qcompat.app.matrix.contradictions import keep_contradictions
from qcompat.app.matrix.question import MatrixQuestion
from qcompat.portrait.portraits import Portraits
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
from qcompat.trial.matrix.running.run import MatrixRun, Watcher
from qcompat.trial.matrix.running.run_batch import Local, usual_jobs


class MatrixWatcher(Watcher):
    """Gets the events of a whole matrix; this one ignores them."""

    def resumed(self, cells: int) -> None:
        """So many cells are known from an earlier run."""

    def looking(self, name: str, number: int, total: int) -> None:
        """Portraits of a guest are taken."""


Watch = Callable[[int], AbstractContextManager[MatrixWatcher]]
"""Makes a watcher for so many cells, for as long as they are tried."""


class MatrixAnswer(msgspec.Struct, frozen=True):
    """All cells, what changed since the baseline, and archives of what contradicts a verdict."""

    matrix: Matrix
    change: Change | None = None
    kept: tuple[Path, ...] = ()


async def matrix(
    question: MatrixQuestion, spec: MatrixSpec, portraits: Portraits, watch: Watch
) -> MatrixAnswer:
    """Try everything in `spec`, which is the question's own (`MatrixQuestion.spec`).

    Errors: UsageError where the baseline cannot be compared, StoreError, and what starting
    builds raises.
    """
    before, same = question.baseline, question.same_builds()
    if before:
        match_builds(before, [build.name for build in spec.builds], spec.accel, same)
    record = Record(connect(question.store), spec.key, resume=question.resume)
    with watch(len(tuple(spec.keys))) as watcher, record:
        found = await _run(question, portraits, spec, record, watcher)
    change = change_since(before, found, same, promise=question.promise) if before else None
    return MatrixAnswer(found, change, await keep_contradictions(portraits, spec, found))


async def _run(
    question: MatrixQuestion,
    portraits: Portraits,
    spec: MatrixSpec,
    record: Record,
    watcher: MatrixWatcher,
) -> Matrix:
    settled = record.settled()
    watcher.resumed(len(settled))
    async with _performers(question, spec) as (perform, width):
        cpu_aliases = await find_cpu_aliases(spec)
        trying = MatrixRun(
            spec,
            perform,
            record.add,
            width=width,
            settled=settled,
            cpu_aliases=cpu_aliases,
            portraits=portraits,
            watcher=watcher,
        )
        await trying.finish()
        found = await complete_verdicts(
            portraits,
            spec,
            trying.cells,
            trying.verdicts,
            every=question.check,
            on_entry=watcher.looking,
        )
        await trying.confirm(found)
    return assemble_matrix(spec, with_verdicts(trying.cells, found), record.seconds)


@contextlib.asynccontextmanager
async def _performers(
    question: MatrixQuestion, spec: MatrixSpec
) -> AsyncIterator[tuple[Perform, int]]:
    if question.workers is None:
        local = Local(question.jobs or usual_jobs())
        yield local.perform, local.width
        return
    from qcompat.trial.matrix.running.cluster import connect as connect_workers

    async with connect_workers(question.workers, spec.builds, spec.accel) as cluster:
        yield cluster.perform, cluster.width
