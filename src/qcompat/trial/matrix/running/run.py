"""Carrying a matrix out: batches go to whoever performs them, until every cell is settled.

Where batches are performed is `local` or `cluster`, what follows from a report `sifting`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from qcompat.trial.matrix.cell import Cell
from qcompat.trial.matrix.deciding.assemble import kept
from qcompat.trial.matrix.deciding.batch import Batch, Report
from qcompat.trial.matrix.deciding.planning import Planning
from qcompat.trial.matrix.deciding.settling import CellKey, Sifting, Step
from qcompat.trial.matrix.deciding.tries import is_expected
from qcompat.trial.matrix.question.named_guest import Entry
from qcompat.trial.matrix.question.spec import Scope
from qcompat.trial.matrix.running.cpu_aliases import Twins
from qcompat.trial.matrix.running.grouping import Grouping, Perform
from qcompat.trial.matrix.running.predictions import foresee
from qcompat.verdict.judgement import Answer, Verdict

Settle = Callable[[Sequence[Cell]], None]


class Watcher:
    """Is told how a run goes; this one looks away."""

    def expected(self, batches: Iterable[Batch]) -> None:
        """These are due."""

    def replaced(self, batch: Batch) -> None:
        """That one, which was due, is not any more."""

    def reported(self, report: Report, cells: int) -> None:
        """A batch is done, and settled so many cells."""

    def followed(self, cells: int) -> None:
        """So many cells are settled by those of their twins."""


class Run:
    """One matrix on its way.

    `perform` does a batch, of which up to `width` are given to it at once. `settle` gets cells
    as they are settled; one that a verdict contradicts may come twice, and the later one counts.
    `settled` are cells of an earlier run, which are not tried again; `twins` are settled by the
    guests that they stand for. `verdicts` are those that were had from portraits at hand.
    """

    def __init__(
        self,
        scope: Scope,
        perform: Perform,
        settle: Settle,
        *,
        width: int,
        settled: Collection[Cell] = (),
        twins: Twins | None = None,
        foretold: bool = True,
        watcher: Watcher | None = None,
    ) -> None:
        self._scope, self._perform, self._settle = scope, perform, settle
        self._width, self._foretold = width, foretold
        self._twins = twins or {}
        self._watcher = watcher or Watcher()
        self.cells = {cell.key: cell for cell in settled}
        self.verdicts: dict[CellKey, Verdict] = {}
        self._predicted: dict[CellKey, Answer] = {}
        self._sifting = Sifting({e.key: e for e in scope.entries}, scope.pack, self._predicted)
        self._due: deque[Batch] = deque()
        self._running: dict[asyncio.Task[Report], Batch] = {}

    async def finish(self) -> None:
        """Settle every cell. Whatever is raised, or cancels it, ends all that it started."""
        planning = Planning(self._scope, frozenset(self.cells), self._predicted)
        left = planning.open_entries()
        self._add(planning.alone(e for e in left if e.island is None and e.key not in self._twins))
        preparing = asyncio.create_task(self._prepare([e for e in left if e.island], planning))
        foreseeing = asyncio.create_task(self._foresee(self._others(left)))
        try:
            await self._work(preparing)
            await foreseeing
            await self._follow()
            await self._again(planning)
        finally:
            await _end([preparing, foreseeing, *self._running])

    def _others(self, left: Collection[Entry]) -> list[Entry]:
        """The entries that go alone, and those of which an earlier run had cells that failed."""
        failed = {key[:2] for key, cell in self.cells.items() if not cell.outcome.loads}
        lone = {entry.key for entry in left if entry.island is None}
        return [entry for entry in self._scope.entries if entry.key in failed | lone]

    async def confirm(self, verdicts: Mapping[CellKey, Verdict | str]) -> None:
        """Try cells again that do not do what verdicts say that came after they were settled."""
        given = {key: v for key, v in verdicts.items() if not isinstance(v, str)}
        self._predicted.update({key: verdict.verdict for key, verdict in given.items()})
        try:
            await self._again(Planning(self._scope))
        finally:
            await _end(self._running)

    async def _follow(self) -> None:
        """Settle twins whose other self loads and no verdict denies it; try the rest."""
        told = [cell for key in self._scope.keys if (cell := self._twin_cell(key))]
        self.cells.update({cell.key: cell for cell in told})
        self._watcher.followed(len(told))
        if told:
            self._settle(told)
        twins = [entry for entry in self._scope.entries if entry.key in self._twins]
        self._add(Planning(self._scope, frozenset(self.cells)).alone(twins))
        await self._work()

    def _twin_cell(self, key: CellKey) -> Cell | None:
        name = self._twins.get(key[:2])
        other = self.cells.get((key[0], name, *key[2:])) if name else None
        if key in self.cells or other is None or other.is_flaky or not other.outcome.loads:
            return None
        if not is_expected(other.outcome, self._predicted.get(key)):
            return None
        return Cell(*key, other.outcome, through=other.guest)

    async def _again(self, planning: Planning) -> None:
        while doubted := {k for k, cell in kept(self.cells).items() if self._sifting.doubt(cell)}:
            self._add(planning.again(doubted))
            await self._work()

    async def _prepare(self, entries: Sequence[Entry], planning: Planning) -> None:
        """Find out what goes together, and make batches of that, before those of one entry."""
        await self._foresee(entries)
        machines = dict.fromkeys(entry.machine for entry in entries)
        await asyncio.gather(*(self._group(m, entries, planning) for m in machines))

    async def _group(self, machine: str, entries: Sequence[Entry], planning: Planning) -> None:
        of_machine = [entry for entry in entries if entry.machine == machine]
        build = self._scope.able[machine][-1]
        grouping = Grouping(of_machine, self._scope.pack, build, self._scope.accel)
        groups = await grouping.find(self._perform, planning.doubtful(machine))
        self._add(planning.shared(machine, groups), first=True)

    async def _foresee(self, entries: Sequence[Entry]) -> None:
        for entry in entries if self._foretold else ():
            found = await asyncio.to_thread(foresee, self._scope, entry)
            self.verdicts.update(found)
            self._predicted.update({key: verdict.verdict for key, verdict in found.items()})

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
            first, *others = self._lightened(self._due.popleft())
            self._due.extendleft(reversed(others))
            self._running[asyncio.create_task(_report(self._perform(first)))] = first

    def _lightened(self, batch: Batch) -> tuple[Batch, ...]:
        parts = self._sifting.lighten(batch)
        if parts != (batch,):
            self._watcher.replaced(batch)
            self._watcher.expected(parts)
        return parts

    def _learn(self, task: asyncio.Task[Report]) -> None:
        del self._running[task]
        report = task.result()
        step: Step = self._sifting.take(report)
        self.cells.update({cell.key: cell for cell in step.cells})
        self._watcher.reported(report, len(step.cells))
        self._add(step.batches, first=True)
        if step.cells:
            self._settle(step.cells)

    def _add(self, batches: Iterable[Batch], *, first: bool = False) -> None:
        told = tuple(batches)
        self._watcher.expected(told)
        if first:
            self._due.extendleft(reversed(told))
        else:
            self._due.extend(told)


async def _report(performing: Awaitable[Report]) -> Report:
    return await performing


async def _end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel what still runs and wait until it has cleaned up after itself."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
