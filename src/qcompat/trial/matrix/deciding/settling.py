"""From the reports of batches to settled cells, and to the batches that are still due. Pure.

A packed guest that loads settles all of its members. Of one that fails, the members that QEMU
names are tried alone and the others go on without them; where it names none, the guest is halved.
So every cell that fails has failed alone before it is settled.

A failure that its verdict did not predict is tried again from a new save, because streams of one
guest can differ (memory that a device never set). An error can hide others behind it in the
stream: they show once the first device is taken out. A guest that its source cannot save is first
tried once, since most of these cannot be saved by any build (`assemble.savable_cells`); the
others are tried again at the end (`reopen`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from qcompat.builds.build import Build
from qcompat.qemu.outcome import Outcome
from qcompat.trial.matrix.cell import Cell, CellKey
from qcompat.trial.matrix.deciding.batch import Batch, BatchReport
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.packed_guest import PackedGuest, own_guest
from qcompat.verdict.judgement import Answer

Predicted = Mapping[CellKey, Answer]
Packing = Callable[[Sequence[MatrixEntry]], PackedGuest]

TRIES = 3
"""How often a cell is tried that fails, or does not do what was expected."""


class Step(msgspec.Struct, frozen=True):
    """What follows from a report: cells that are settled, and batches that are due."""

    cells: tuple[Cell, ...] = ()
    batches: tuple[Batch, ...] = ()


@dataclass
class Settling:
    """What has been learned so far.

    `pack` makes one guest of several entries. `predicted` holds the verdicts known so far, by the
    cell's key.
    """

    entries: Mapping[tuple[str, str], MatrixEntry]
    pack: Packing
    predicted: Predicted = field(default_factory=dict)
    _tries: dict[CellKey, list[Outcome]] = field(default_factory=dict)
    _suspects: set[tuple[str, str]] = field(default_factory=set)

    def learn(self, report: BatchReport) -> Step:
        """What follows from the report of a batch."""
        return self._alone(report) if report.batch.packed.alone else self._shared(report)

    def without_suspects(self, batch: Batch) -> tuple[Batch, ...]:
        """The batch, with the members that meanwhile failed elsewhere moved into their own."""
        packed = batch.packed
        suspects = [name for name in packed.members if self._is_suspect(batch, name)]
        if packed.alone or not suspects:
            return (batch,)
        return tuple(self._parts(batch, packed.members, suspects, batch.targets))

    def _is_suspect(self, batch: Batch, name: str) -> bool:
        """Whether it failed between other builds, and no verdict says that it loads here."""
        machine = batch.packed.machine
        keys = [(machine, name, batch.source.name, target.name) for target in batch.targets]
        is_fine = all(self.predicted.get(key) in ("ok", "drift") for key in keys)
        return (machine, name) in self._suspects and not is_fine

    def reopen(self, cell: Cell) -> bool:
        """Whether a settled cell is due again: tried too rarely, or denied by a later verdict.

        Earlier tries count if the cell was alone in them.
        """
        had = sum(cell.counts.values()) or 1
        tries = [cell.outcome] * had if cell.alone else []
        is_due = not cell.is_flaky and self._is_due(cell.key, tries or [cell.outcome])
        if is_due:
            self._tries[cell.key] = tries
        return is_due

    def _alone(self, report: BatchReport) -> Step:
        batch = report.batch
        settled: list[Cell] = []
        again: list[Build] = []
        for target in batch.targets:
            key = (batch.packed.machine, batch.packed.members[0], batch.source.name, target.name)
            tries = self._tries.setdefault(key, [])
            tries.append(report.outcomes[target.name])
            if not tries[-1].loads and tries[-1].kind != "untried":
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

    def _shared(self, report: BatchReport) -> Step:
        batch, packed = report.batch, report.batch.packed
        cells: list[Cell] = []
        failed: dict[tuple[str, ...], list[Build]] = {}
        for target in batch.targets:
            outcome = report.outcomes[target.name]
            if outcome.loads:
                keys = ((packed.machine, n, batch.source.name, target.name) for n in packed.members)
                cells += [_cell(key, [outcome], alone=False) for key in keys]
            else:
                failed.setdefault(packed.named_in(outcome.message), []).append(target)
        due = (
            part
            for named, targets in failed.items()
            for part in self._parts(batch, packed.members, named, targets)
        )
        return Step(tuple(cells), tuple(due))

    def _parts(
        self,
        batch: Batch,
        members: Sequence[str],
        named: Sequence[str],
        targets: Sequence[Build],
    ) -> Iterable[Batch]:
        """The batches that a packed guest is split into: those named alone, or else two halves."""
        rest = [name for name in members if name not in named]
        halves = [rest] if named else [rest[: len(rest) // 2], rest[len(rest) // 2 :]]
        for part in (*([name] for name in named), *halves):
            if part:
                yield self._batch(batch, part, targets)

    def _batch(self, batch: Batch, names: Sequence[str], targets: Sequence[Build]) -> Batch:
        entries = [self.entries[batch.packed.machine, name] for name in names]
        packed = own_guest(entries[0]) if len(entries) == 1 else self.pack(entries)
        return msgspec.structs.replace(batch, packed=packed, targets=tuple(targets))


def is_expected(outcome: Outcome, predicted: Answer | None) -> bool:
    """Whether one try is enough: it did what the verdict said, or loaded where there is none.

    What this machine cannot run is not tried again.

    Another refusal than the predicted one is still a refusal; a crash is not.
    """
    if outcome.kind == "untried":
        return True
    if predicted == "blocked":
        return outcome.kind in ("refused", "no_start")
    return outcome.loads and predicted != "unknown"


def final(outcomes: Sequence[Outcome]) -> Outcome:
    """What really happened: the kind seen most often, a failure before a load where equal."""
    seen = Counter(outcome.kind for outcome in outcomes)
    known = [outcome for outcome in outcomes if outcome.kind != "untried"]
    return max(known or outcomes, key=lambda outcome: (seen[outcome.kind], not outcome.loads))


def counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How often each kind was seen; empty for a single try."""
    seen = Counter(outcome.kind for outcome in outcomes)
    return dict(sorted(seen.items())) if len(outcomes) > 1 else {}


def _cell(key: CellKey, tries: Sequence[Outcome], *, alone: bool = True) -> Cell:
    machine, guest, source, target = key
    return Cell(machine, guest, source, target, final(tries), counts(tries), alone=alone)
