"""From the reports of batches to settled cells, and to the batches that are still due.

Pure. A lot that loads settles all of its members. Of one that fails, the members that QEMU
names are tried alone and the others go on without them; where it names none, the lot is
halved. So a cell that fails has failed alone before it is settled. Where its verdict did not
foretell that, it is tried again from a new save: streams of one guest can differ (memory that a
device never set). What an earlier error of a stream hides comes to light when its cause has been
taken out. A guest that its source cannot save is tried once for the time being: most are such
that no build can (`finished.kept`), and the others are tried again in the end (`doubt`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from qcompat.builds.build import Build
from qcompat.qemu.outcome import Outcome
from qcompat.trial.matrix.cell import Cell
from qcompat.trial.matrix.deciding.batch import Batch, Report
from qcompat.trial.matrix.deciding.tries import TRIES, counts, final, is_expected
from qcompat.trial.matrix.question.named_guest import Entry
from qcompat.trial.matrix.question.packed_guest import Lot, single
from qcompat.verdict.judgement import Answer

CellKey = tuple[str, str, str, str]
Predicted = Mapping[CellKey, Answer]
Packing = Callable[[Sequence[Entry]], Lot]


class Step(msgspec.Struct, frozen=True):
    """What follows from a report: cells that are settled, and batches that are due."""

    cells: tuple[Cell, ...] = ()
    batches: tuple[Batch, ...] = ()


@dataclass
class Sifting:
    """What has been learned so far.

    `pack` makes a lot of several entries. `predicted` are the verdicts at hand by a cell's key.
    """

    entries: Mapping[tuple[str, str], Entry]
    pack: Packing
    predicted: Predicted = field(default_factory=dict)
    _tries: dict[CellKey, list[Outcome]] = field(default_factory=dict)
    _suspects: set[tuple[str, str]] = field(default_factory=set)

    def take(self, report: Report) -> Step:
        """Learn from what came of a batch."""
        return self._alone(report) if report.batch.lot.alone else self._shared(report)

    def lighten(self, batch: Batch) -> tuple[Batch, ...]:
        """The batch, without members that meanwhile failed elsewhere: those go alone."""
        lot = batch.lot
        bad = [name for name in lot.members if self._is_suspect(batch, name)]
        if lot.alone or not bad:
            return (batch,)
        return tuple(self._parts(batch, lot.members, bad, batch.targets))

    def _is_suspect(self, batch: Batch, name: str) -> bool:
        """Whether it failed between other builds, and nothing says that it loads between these."""
        machine = batch.lot.machine
        keys = [(machine, name, batch.source.name, target.name) for target in batch.targets]
        is_foretold = all(self.predicted.get(key) in ("ok", "drift") for key in keys)
        return (machine, name) in self._suspects and not is_foretold

    def doubt(self, cell: Cell) -> bool:
        """Whether a settled cell is to be tried again: it was not yet, or a late verdict denies it.

        The tries that it had count if they were alone.
        """
        had = sum(cell.counts.values()) or 1
        tries = [cell.outcome] * had if cell.alone else []
        is_doubted = not cell.is_flaky and self._is_due(cell.key, tries or [cell.outcome])
        if is_doubted:
            self._tries[cell.key] = tries
        return is_doubted

    def _alone(self, report: Report) -> Step:
        batch = report.batch
        settled: list[Cell] = []
        again: list[Build] = []
        for target in batch.targets:
            key = (batch.lot.machine, batch.lot.members[0], batch.source.name, target.name)
            tries = self._tries.setdefault(key, [])
            tries.append(report.outcomes[target.name])
            if not tries[-1].loads:
                self._suspects.add(key[:2])
            if report.refusal is None and self._is_due(key, tries):
                again.append(target)
            else:
                settled.append(_cell(key, self._tries.pop(key)))
        more = (msgspec.structs.replace(batch, targets=tuple(again)),) if again else ()
        return Step(tuple(settled), more)

    def _is_due(self, key: CellKey, tries: Sequence[Outcome]) -> bool:
        is_enough = all(is_expected(outcome, self.predicted.get(key)) for outcome in tries)
        return len(tries) < TRIES and not is_enough

    def _shared(self, report: Report) -> Step:
        batch, lot = report.batch, report.batch.lot
        cells: list[Cell] = []
        failed: dict[tuple[str, ...], list[Build]] = {}
        for target in batch.targets:
            outcome = report.outcomes[target.name]
            if outcome.loads:
                keys = ((lot.machine, n, batch.source.name, target.name) for n in lot.members)
                cells += [_cell(key, [outcome], alone=False) for key in keys]
            else:
                failed.setdefault(lot.named_in(outcome.message), []).append(target)
        due = (
            part
            for named, targets in failed.items()
            for part in self._parts(batch, lot.members, named, targets)
        )
        return Step(tuple(cells), tuple(due))

    def _parts(
        self,
        batch: Batch,
        members: Sequence[str],
        named: Sequence[str],
        targets: Sequence[Build],
    ) -> Iterable[Batch]:
        """The batches that take a lot apart: those named alone, or else two halves."""
        rest = [name for name in members if name not in named]
        halves = [rest] if named else [rest[: len(rest) // 2], rest[len(rest) // 2 :]]
        for part in (*([name] for name in named), *halves):
            if part:
                yield self._batch(batch, part, targets)

    def _batch(self, batch: Batch, names: Sequence[str], targets: Sequence[Build]) -> Batch:
        entries = [self.entries[batch.lot.machine, name] for name in names]
        lot = single(entries[0]) if len(entries) == 1 else self.pack(entries)
        return msgspec.structs.replace(batch, lot=lot, targets=tuple(targets))


def _cell(key: CellKey, tries: Sequence[Outcome], *, alone: bool = True) -> Cell:
    machine, guest, source, target = key
    return Cell(machine, guest, source, target, final(tries), counts(tries), alone=alone)
