"""Running a matrix: batches are performed until every cell is settled.

They are performed here (`run_batch`) or on other machines (`cluster`). What follows from a report
is decided by `deciding.settling`, what to try first by `deciding.planning`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from qcompat.portrait.portraits import Portraits
from qcompat.trial.matrix.cell import Cell, CellKey
from qcompat.trial.matrix.deciding.assemble import savable_cells
from qcompat.trial.matrix.deciding.batch import Batch, BatchReport
from qcompat.trial.matrix.deciding.planning import Planning
from qcompat.trial.matrix.deciding.settling import Settling, Step, is_expected
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.trial.matrix.running.cpu_aliases import CpuAliases
from qcompat.trial.matrix.running.grouping import Grouping, Perform
from qcompat.trial.matrix.running.predictions import verdicts_at_hand
from qcompat.verdict.judgement import Answer, Verdict

Settle = Callable[[Sequence[Cell]], None]


class Watcher:
    """Gets the events of a run; this one ignores them."""

    def expected(self, batches: Iterable[Batch]) -> None:
        """These are due."""

    def replaced(self, batch: Batch) -> None:
        """This one is no longer due."""

    def reported(self, report: BatchReport, cells: int) -> None:
        """A batch is done, and settled so many cells."""

    def copied(self, cells: int) -> None:
        """So many cells are settled by those of an alias."""


class MatrixRun:
    """One run of a matrix.

    `perform` runs a batch; up to `width` of them run at once. `settle` gets cells as they are
    settled; one that a verdict contradicts may come twice, and the later one counts. `settled`
    are cells of an earlier run, which are not tried again. `cpu_aliases` are settled by the
    entries that they are aliases of. With `portraits`, verdicts from those at hand plan the
    work, and are left in `verdicts`.
    """

    def __init__(
        self,
        spec: MatrixSpec,
        perform: Perform,
        settle: Settle,
        *,
        width: int,
        settled: Collection[Cell] = (),
        cpu_aliases: CpuAliases | None = None,
        portraits: Portraits | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._spec, self._perform, self._settle = spec, perform, settle
        self._width, self._portraits = width, portraits
        self._cpu_aliases = cpu_aliases or {}
        self._watcher = watcher or Watcher()
        self.cells = {cell.key: cell for cell in settled}
        self.verdicts: dict[CellKey, Verdict] = {}
        self._predicted: dict[CellKey, Answer] = {}
        self._settling = Settling({e.key: e for e in spec.entries}, spec.pack, self._predicted)
        self._due: deque[Batch] = deque()
        self._running: dict[asyncio.Task[BatchReport], Batch] = {}

    async def finish(self) -> None:
        """Settle every cell. An error, or being cancelled, ends everything that was started."""
        planning = Planning(self._spec, frozenset(self.cells), self._predicted)
        left = planning.open_entries()
        lone = [entry for entry in left if entry.setup is None]
        self._add(planning.alone(e for e in lone if e.key not in self._cpu_aliases))
        preparing = asyncio.create_task(self._prepare([e for e in left if e.setup], planning))
        predicting = asyncio.create_task(self._predict_cells(self._others(lone)))
        try:
            await self._work(preparing)
            await predicting
            await self._settle_aliases()
            await self._again(planning)
        finally:
            await _end([preparing, predicting, *self._running])

    def _others(self, lone: Collection[MatrixEntry]) -> list[MatrixEntry]:
        """The entries that go alone, and those of which an earlier run had cells that failed."""
        failed = {key[:2] for key, cell in self.cells.items() if not cell.outcome.loads}
        wanted = failed | {entry.key for entry in lone}
        return [entry for entry in self._spec.entries if entry.key in wanted]

    async def confirm(self, verdicts: Mapping[CellKey, Verdict | str]) -> None:
        """Try settled cells again that these later verdicts contradict."""
        given = {key: v for key, v in verdicts.items() if not isinstance(v, str)}
        self._predicted.update({key: verdict.tried for key, verdict in given.items()})
        try:
            await self._again(Planning(self._spec))
        finally:
            await _end(self._running)

    async def _settle_aliases(self) -> None:
        """Settle the aliases of what loads, unless a verdict contradicts it; try the rest."""
        copied = [cell for key in self._spec.keys if (cell := self._copied_cell(key))]
        self.cells.update({cell.key: cell for cell in copied})
        self._watcher.copied(len(copied))
        if copied:
            self._settle(copied)
        aliases = [entry for entry in self._spec.entries if entry.key in self._cpu_aliases]
        self._add(Planning(self._spec, frozenset(self.cells)).alone(aliases))
        await self._work()

    def _copied_cell(self, key: CellKey) -> Cell | None:
        name = self._cpu_aliases.get(key[:2])
        other = self.cells.get((key[0], name, *key[2:])) if name else None
        if key in self.cells or other is None or other.is_flaky or not other.outcome.loads:
            return None
        if not is_expected(other.outcome, self._predicted.get(key)):
            return None
        return Cell(*key, other.outcome, through=other.guest)

    async def _again(self, planning: Planning) -> None:
        while due := self._reopened():
            self._add(planning.again(due))
            await self._work()

    def _reopened(self) -> set[CellKey]:
        savable = savable_cells(self.cells)
        return {key for key, cell in savable.items() if self._settling.reopen(cell)}

    async def _prepare(self, entries: Sequence[MatrixEntry], planning: Planning) -> None:
        """Find out which entries share a guest, and put their batches first."""
        await self._predict_cells(entries)
        machines = dict.fromkeys(entry.machine for entry in entries)
        await asyncio.gather(*(self._group(m, entries, planning) for m in machines))

    async def _group(
        self, machine: str, entries: Sequence[MatrixEntry], planning: Planning
    ) -> None:
        of_machine = [entry for entry in entries if entry.machine == machine]
        build = self._spec.able[machine][-1]
        grouping = Grouping(of_machine, self._spec.pack, build, self._spec.accel)
        groups = await grouping.find(self._perform, planning.doubtful(machine))
        self._add(planning.shared(machine, groups), first=True)

    async def _predict_cells(self, entries: Sequence[MatrixEntry]) -> None:
        if self._portraits is None:
            return
        for entry in entries:
            found = await asyncio.to_thread(verdicts_at_hand, self._portraits, self._spec, entry)
            self.verdicts.update(found)
            self._predicted.update({key: verdict.tried for key, verdict in found.items()})

    async def _work(self, preparing: asyncio.Task[None] | None = None) -> None:
        while self._due or self._running or (preparing and not preparing.done()):
            self._dispatch()
            waiting: set[asyncio.Task[Any]] = {*self._running}
            if preparing and not preparing.done():
                waiting.add(preparing)
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in self._running if task.done()]:
                self._learn(task)
        if preparing:
            await preparing

    def _dispatch(self) -> None:
        while self._due and len(self._running) < self._width:
            first, *others = self._without_suspects(self._due.popleft())
            self._due.extendleft(reversed(others))
            self._running[asyncio.create_task(_report(self._perform(first)))] = first

    def _without_suspects(self, batch: Batch) -> tuple[Batch, ...]:
        parts = self._settling.without_suspects(batch)
        if parts != (batch,):
            self._watcher.replaced(batch)
            self._watcher.expected(parts)
        return parts

    def _learn(self, task: asyncio.Task[BatchReport]) -> None:
        del self._running[task]
        report = task.result()
        step: Step = self._settling.learn(report)
        self.cells.update({cell.key: cell for cell in step.cells})
        self._watcher.reported(report, len(step.cells))
        self._add(step.batches, first=True)
        if step.cells:
            self._settle(step.cells)

    def _add(self, batches: Iterable[Batch], *, first: bool = False) -> None:
        due = tuple(batches)
        self._watcher.expected(due)
        if first:
            self._due.extendleft(reversed(due))
        else:
            self._due.extend(due)


async def _report(performing: Awaitable[BatchReport]) -> BatchReport:
    return await performing


async def _end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel what still runs and wait until it has cleaned up after itself.

    Of several failures one is raised; the others are taken here, or asyncio would print them.
    """
    every = list(tasks)
    for task in every:
        task.cancel()
    await asyncio.gather(*every, return_exceptions=True)
