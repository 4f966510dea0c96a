"""What a matrix is about: which guests, on which builds, with which accelerator.

A build is part of a machine type's matrix only if it offers that machine type; which devices
are in it is decided in `listing`.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.machine.observe.pack import Buses
from qcompat.portrait.portrait import Accel
from qcompat.trial.matrix.deciding.settling import CellKey
from qcompat.trial.matrix.question.named_guest import Entry
from qcompat.trial.matrix.question.packed_guest import Lot, together

ENGINE = 1
"""Raised when cells of an earlier qcompat would come out otherwise, so that none is taken over."""


class Scope(msgspec.Struct, frozen=True):
    """Everything that the cells follow from.

    `able` are the builds that offer a machine type, `buses` and `states` what their device types
    sit on and call their state. `left_out` says what of the question is not in it, and why.
    `asked` are all builds of the question.
    """

    entries: tuple[Entry, ...]
    able: Mapping[str, tuple[Build, ...]]
    accel: Accel
    buses: Buses = {}
    states: Mapping[str, str] = {}
    left_out: Mapping[str, str] = {}
    asked: tuple[Build, ...] = ()

    @property
    def builds(self) -> tuple[Build, ...]:
        """All builds that have a part in it, in the order in which they were asked for."""
        able = {b.name: b for builds in self.able.values() for b in builds}
        order = dict.fromkeys((*(b.name for b in self.asked), *able))
        return tuple(able[name] for name in order if name in able)

    @property
    def unable(self) -> Mapping[str, tuple[str, ...]]:
        """The machine types that are not tried on all builds, with those that do not offer them."""
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
        """The same for the same question to the same builds, whoever asks it and how."""
        told = (
            ENGINE,
            self.accel,
            sorted((b.name, b.identity.sha256, b.identity.package) for b in self.builds),
            sorted((*e.key, e.guest.arguments) for e in self.entries),
        )
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()

    def pack(self, entries: Sequence[Entry]) -> Lot:
        """One guest with the devices of all these entries."""
        return together(entries, self.buses, self.states)
