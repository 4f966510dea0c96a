"""Two builds side by side: the machine types they share and the values known for both.

Only values of the same kind are compared: observed ones with observed ones, computed ones with
computed ones (realizing a device may change what its tables set). Values are computed only from
tables that both builds reported, and only for types that were not observed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from qcompat.machine.audit.indexed_facts import IndexedFacts
from qcompat.machine.audit.known import is_same
from qcompat.machine.audit.release import Release
from qcompat.machine.audit.type_tree import TypeProperty
from qcompat.machine.model import Values

How = Literal["observed", "computed"]
HOW: tuple[How, ...] = ("observed", "computed")


class ValuePair(msgspec.Struct, frozen=True):
    """The values that both builds give one property under one machine type."""

    release: Release
    machine: str
    value: str
    reference: str

    @property
    def differs(self) -> bool:
        return self.value != self.reference


class Profile(msgspec.Struct, frozen=True):
    """One property of one type over the shared machine types of a family, newest first."""

    type: str
    property: str
    told: tuple[ValuePair, ...]
    is_observed: bool


class Pair:
    """The audited build and one that guests may come from."""

    def __init__(self, audited: IndexedFacts, reference: IndexedFacts) -> None:
        self.audited = audited
        self.reference = reference

    @cached_property
    def shared(self) -> Mapping[str, Mapping[Release, str]]:
        """Machine types of both builds by family and release, newest first."""
        theirs = self.reference.families
        shared = {
            family: {r: name for r, name in machines.items() if r in theirs.get(family, ())}
            for family, machines in self.audited.families.items()
        }
        return {family: machines for family, machines in shared.items() if machines}

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """The properties that differ somewhere, with all their values."""
        return tuple(
            profile for machines in self.shared.values() for profile in self._profiles(machines)
        )

    @cached_property
    def compared(self) -> frozenset[TypeProperty]:
        """The properties with a value on both builds, under any shared machine type."""
        return frozenset(
            (type, property)
            for machines in self.shared.values()
            for machine in machines.values()
            for how in HOW
            for type, own, other in self._both(machine, how)
            for property in own.keys() & other.keys()
        )

    def _profiles(self, machines: Mapping[Release, str]) -> Iterator[Profile]:
        for how in HOW:
            found: defaultdict[TypeProperty, list[ValuePair]] = defaultdict(list)
            for spot in sorted(self._different(machines, how)):
                found[spot] = []
            for release, machine in machines.items():
                for type, own, other in self._both(machine, how):
                    for property in own.keys() & other.keys():
                        if (told := found.get((type, property))) is not None:
                            value, reference = own[property], other[property]
                            if is_same(type, property, value, reference):
                                reference = value
                            told.append(ValuePair(release, machine, value, reference))
            for (type, property), every in found.items():
                yield Profile(type, property, tuple(every), how == "observed")

    def _different(self, machines: Mapping[Release, str], how: How) -> set[TypeProperty]:
        return {
            (type, property)
            for machine in machines.values()
            for type, own, other in self._both(machine, how)
            if own != other
            for property in own.keys() & other.keys()
            if not is_same(type, property, own[property], other[property])
        }

    def _both(self, machine: str, how: How) -> Iterator[tuple[str, Values, Values]]:
        """Each type with values on both builds, and both builds' values."""
        seen, theirs = self.audited.observed(machine), self.reference.observed(machine)
        if how == "observed":
            for type in seen.keys() & theirs.keys():
                yield type, seen[type], theirs[type]
        elif self.audited.has_tables and self.reference.has_tables:
            own, other = self.audited.computed(machine), self.reference.computed(machine)
            for type in own.keys() & other.keys():
                if type not in seen or type not in theirs:
                    yield type, own[type], other[type]
