"""Which entries can share a guest: found out once, on one build, by starting and saving them.

Entries that want different things of the board never share one: `-machine cxl=on` would change
the guest of all. The others are tried as `machine.observe.groups` does for properties, so that
what a build refuses, alone or beside another device, is out of the way before anything is loaded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from qcompat.builds.build import Build
from qcompat.machine.observe.groups import (
    Failure,
    Group,
    GroupPlan,
    GroupResults,
    Seen,
    first_groups,
    try_groups,
)
from qcompat.portrait.portrait import Accel
from qcompat.trial.matrix.deciding.batch import Batch, BatchReport
from qcompat.trial.matrix.deciding.settling import Packing
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.packed_guest import own_guest

Perform = Callable[[Batch], Awaitable[BatchReport]]


class Grouping:
    """The groups of one machine type's entries, tried on `build`."""

    def __init__(
        self, entries: Sequence[MatrixEntry], pack: Packing, build: Build, accel: Accel
    ) -> None:
        self._entries = {entry.name: entry for entry in entries}
        self._pack, self._build, self._accel = pack, build, accel

    async def find(self, perform: Perform, doubtful: Mapping[str, str]) -> list[Group]:
        """All entries in groups that start and can be saved; those that cannot are alone.

        `doubtful` maps entries that are not expected to load everywhere to what they have in
        common: they share groups only among themselves.
        """

        async def attempt(group: Group) -> Seen | Failure:
            return await self._attempt(group, perform)

        found: list[Group] = []
        for compatible in self._compatible(doubtful):
            results: GroupResults = await try_groups(GroupPlan(first_groups(compatible)), attempt)
            found += [*results.groups, *results.leftover, *((name,) for name in results.refused)]
        return found

    def _compatible(self, doubtful: Mapping[str, str]) -> list[Group]:
        """The entries by what they want of the board, doubtful ones apart."""
        found: dict[object, list[str]] = {}
        for entry in self._entries.values():
            setup = entry.setup
            wants = (setup.machine, setup.memory) if setup else entry.name
            found.setdefault((wants, entry.name in doubtful), []).append(entry.name)
        return [tuple(sorted(g, key=lambda n: doubtful.get(n, ""))) for g in found.values()]

    async def _attempt(self, group: Group, perform: Perform) -> Seen | Failure:
        entries = [self._entries[name] for name in group]
        packed = own_guest(entries[0]) if len(entries) == 1 else self._pack(entries)
        report = await perform(Batch(packed, self._build, (), self._accel))
        if report.refusal is None:
            return {name: {} for name in group}
        named = packed.named_in(report.refusal.message)
        return Failure(report.refusal.message, named[-1] if named else "")
