"""The first batches of a matrix: which entries share a guest, and which go alone from the start.

Pure. A verdict only moves a cell from a packed guest into one of its own: real loads decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from qcompat.builds.build import Build
from qcompat.machine.observe.groups import Group
from qcompat.trial.matrix.cell import CellKey
from qcompat.trial.matrix.deciding.batch import Batch
from qcompat.trial.matrix.deciding.settling import Predicted
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.packed_guest import own_guest
from qcompat.trial.matrix.question.spec import MatrixSpec

FEWEST = 2
"""Fewer entries than this are not worth a packed guest."""
_FINE = (None, "ok", "drift")


class Planning:
    """The batches for all cells except those that are `done`."""

    def __init__(
        self, spec: MatrixSpec, done: Collection[CellKey] = (), predicted: Predicted | None = None
    ) -> None:
        self._spec, self._done, self._predicted = spec, done, predicted or {}

    def alone(self, entries: Iterable[MatrixEntry]) -> Iterator[Batch]:
        """Each entry by itself."""
        for entry in entries:
            for source in self._spec.able[entry.machine]:
                yield from self._by_itself(entry, source, self._open(entry, source))

    def shared(self, machine: str, groups: Iterable[Group]) -> Iterator[Batch]:
        """Every group on every source, as far as its members are expected to load."""
        by_name = {e.name: e for e in self._spec.entries if e.machine == machine}
        some = [tuple(by_name[name] for name in group) for group in groups]
        for source in self._spec.able[machine]:
            for group in some:
                yield from self._group(group, source)

    def again(self, keys: Collection[CellKey]) -> Iterator[Batch]:
        """Batches that try these cells, which are done, once more and alone."""
        by_key = {entry.key: entry for entry in self._spec.entries}
        for machine, name, source in dict.fromkeys(key[:3] for key in keys):
            able = self._spec.able[machine]
            targets = [t for t in able if (machine, name, source, t.name) in keys]
            build = next(b for b in able if b.name == source)
            yield from self._by_itself(by_key[machine, name], build, targets)

    def doubtful(self, machine: str) -> dict[str, str]:
        """The entries that are not expected to load everywhere, with the pairs of builds."""
        found: dict[str, list[str]] = {}
        for (its, name, source, target), answer in self._predicted.items():
            if its == machine and answer not in _FINE:
                found.setdefault(name, []).append(f"{source}>{target}")
        return {name: " ".join(pairs) for name, pairs in found.items()}

    def open_entries(self) -> tuple[MatrixEntry, ...]:
        """The entries with cells that are not done."""
        able = self._spec.able
        return tuple(
            e for e in self._spec.entries if any(self._open(e, s) for s in able[e.machine])
        )

    def _group(self, group: Sequence[MatrixEntry], source: Build) -> Iterator[Batch]:
        parts: dict[tuple[str, ...], list[MatrixEntry]] = {}
        for entry in group:
            fine = tuple(t.name for t in self._open(entry, source) if self._fine(entry, source, t))
            parts.setdefault(fine, []).append(entry)
        for names, entries in parts.items():
            is_shared = len(entries) >= FEWEST and bool(names)
            if is_shared:
                targets = [t for t in self._spec.able[group[0].machine] if t.name in names]
                packed = self._spec.pack(entries)
                yield Batch(packed, source, tuple(targets), self._spec.accel)
            for entry in entries:
                left = [t for t in self._open(entry, source) if not (is_shared and t.name in names)]
                yield from self._by_itself(entry, source, left)

    def _by_itself(
        self, entry: MatrixEntry, source: Build, targets: Sequence[Build]
    ) -> Iterator[Batch]:
        if targets:
            yield Batch(own_guest(entry), source, tuple(targets), self._spec.accel)

    def _open(self, entry: MatrixEntry, source: Build) -> list[Build]:
        return [
            target
            for target in self._spec.able[entry.machine]
            if target.name != source.name
            and (*entry.key, source.name, target.name) not in self._done
        ]

    def _fine(self, entry: MatrixEntry, source: Build, target: Build) -> bool:
        return self._predicted.get((*entry.key, source.name, target.name)) in _FINE
