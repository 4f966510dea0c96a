"""The specification of a matrix: which guests, on which builds, with which accelerator.

A build takes part in a machine type's matrix only if it offers that machine type. Which devices
are in it is decided in `selection`.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.machine.observe.guest_arguments import Buses
from qcompat.portrait.portrait import Accel
from qcompat.trial.matrix.cell import CellKey
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.packed_guest import PackedGuest, pack_entries

CELLS_VERSION = 1
"""Raised when an earlier qcompat's cells could have other outcomes, so that none is reused."""


class MatrixSpec(msgspec.Struct, frozen=True):
    """Everything that decides which cells there are.

    `able` are the builds that offer a machine type; `buses` and `states` are the bus that each
    device type sits on and the name of its state. `left_out` says what was selected but is
    not in the matrix, and why. `asked` are all builds that were asked for.
    """

    entries: tuple[MatrixEntry, ...]
    able: Mapping[str, tuple[Build, ...]]
    accel: Accel
    buses: Buses = {}
    states: Mapping[str, str] = {}
    left_out: Mapping[str, str] = {}
    asked: tuple[Build, ...] = ()

    @property
    def builds(self) -> tuple[Build, ...]:
        """All builds that take part, in the order in which they were asked for."""
        able = {b.name: b for builds in self.able.values() for b in builds}
        order = dict.fromkeys((*(b.name for b in self.asked), *able))
        return tuple(able[name] for name in order if name in able)

    @property
    def unable(self) -> Mapping[str, tuple[str, ...]]:
        """The machine types that some builds do not offer, with these builds."""
        lacking = {
            machine: tuple(b.name for b in self.asked if b not in builds)
            for machine, builds in self.able.items()
        }
        return {machine: names for machine, names in lacking.items() if names}

    @property
    def keys(self) -> Iterator[CellKey]:
        """The keys of all cells, in the order of the matrix."""
        for entry in self.entries:
            for source, target in itertools.permutations(self.able[entry.machine], 2):
                yield (*entry.key, source.name, target.name)

    @property
    def key(self) -> str:
        """Equal for equal questions to the same builds, however they were asked."""
        identity = (
            CELLS_VERSION,
            self.accel,
            sorted((b.name, b.identity.sha256, b.identity.package) for b in self.builds),
            sorted((*e.key, e.guest.arguments) for e in self.entries),
        )
        return hashlib.sha256(msgspec.json.encode(identity)).hexdigest()

    def pack(self, entries: Sequence[MatrixEntry]) -> PackedGuest:
        """One guest with the devices of all these entries."""
        return pack_entries(entries, self.buses, self.states)
