"""The first batches of a matrix: what goes together, and what is better tried alone at once.

Pure. A verdict moves a cell only from a shared guest into one of its own: real loads decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from qcompat.builds.build import Build
from qcompat.machine.observe.sift import Group
from qcompat.trial.matrix.deciding.batch import Batch
from qcompat.trial.matrix.deciding.settling import CellKey, Predicted
from qcompat.trial.matrix.question.named_guest import Entry
from qcompat.trial.matrix.question.packed_guest import single
from qcompat.trial.matrix.question.spec import Scope

FEWEST = 2
"""Entries that are worth a guest of their own beside the one that is each one's own."""
_FINE = (None, "ok", "drift")


class Planning:
    """The batches for all cells but those `done`."""

    def __init__(
        self, scope: Scope, done: Collection[CellKey] = (), predicted: Predicted | None = None
    ) -> None:
        self._scope, self._done, self._predicted = scope, done, predicted or {}

    def alone(self, entries: Iterable[Entry]) -> Iterator[Batch]:
        """Each entry by itself."""
        for entry in entries:
            for source in self._scope.able[entry.machine]:
                yield from self._single(entry, source, self._open(entry, source))

    def shared(self, machine: str, groups: Iterable[Group]) -> Iterator[Batch]:
        """Every group by every source, as far as its members are expected to load."""
        by_name = {e.name: e for e in self._scope.entries if e.machine == machine}
        some = [tuple(by_name[name] for name in group) for group in groups]
        for source in self._scope.able[machine]:
            for group in some:
                yield from self._group(group, source)

    def again(self, keys: Collection[CellKey]) -> Iterator[Batch]:
        """These cells, which are done, once more and alone."""
        by_key = {entry.key: entry for entry in self._scope.entries}
        for machine, name, source in dict.fromkeys(key[:3] for key in keys):
            able = self._scope.able[machine]
            targets = [t for t in able if (machine, name, source, t.name) in keys]
            build = next(b for b in able if b.name == source)
            yield from self._single(by_key[machine, name], build, targets)

    def doubtful(self, machine: str) -> dict[str, str]:
        """The entries that are not expected to load everywhere, with where they are not."""
        found: dict[str, list[str]] = {}
        for (its, name, source, target), answer in self._predicted.items():
            if its == machine and answer not in _FINE:
                found.setdefault(name, []).append(f"{source}>{target}")
        return {name: " ".join(pairs) for name, pairs in found.items()}

    def open_entries(self) -> tuple[Entry, ...]:
        """The entries with cells that are not done."""
        able = self._scope.able
        return tuple(
            e for e in self._scope.entries if any(self._open(e, s) for s in able[e.machine])
        )

    def _group(self, group: Sequence[Entry], source: Build) -> Iterator[Batch]:
        parts: dict[tuple[str, ...], list[Entry]] = {}
        for entry in group:
            fine = tuple(t.name for t in self._open(entry, source) if self._fine(entry, source, t))
            parts.setdefault(fine, []).append(entry)
        for names, entries in parts.items():
            is_shared = len(entries) >= FEWEST and bool(names)
            if is_shared:
                targets = [t for t in self._scope.able[group[0].machine] if t.name in names]
                lot = self._scope.pack(entries)
                yield Batch(lot, source, tuple(targets), self._scope.accel)
            for entry in entries:
                left = [t for t in self._open(entry, source) if not (is_shared and t.name in names)]
                yield from self._single(entry, source, left)

    def _single(self, entry: Entry, source: Build, targets: Sequence[Build]) -> Iterator[Batch]:
        if targets:
            yield Batch(single(entry), source, tuple(targets), self._scope.accel)

    def _open(self, entry: Entry, source: Build) -> list[Build]:
        return [
            target
            for target in self._scope.able[entry.machine]
            if target.name != source.name
            and (*entry.key, source.name, target.name) not in self._done
        ]

    def _fine(self, entry: Entry, source: Build, target: Build) -> bool:
        return self._predicted.get((*entry.key, source.name, target.name)) in _FINE
