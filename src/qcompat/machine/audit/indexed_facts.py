"""The facts of one build, indexed for comparison: releases, reach of drivers, values, steps.

A step is a release up to which a build gives a property another value than the next newer machine
type: an entry of that release's table, whatever its driver is. It comes from the reported tables,
else from observed devices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from qcompat.arch.machine_type import versioned
from qcompat.machine.audit.known import is_derived, is_same
from qcompat.machine.audit.release import Release
from qcompat.machine.audit.type_tree import TypeProperty, TypeTree
from qcompat.machine.layers import matches
from qcompat.machine.model import CompatEntry, MachineFacts, Values
from qcompat.machine.tables import added_by

Machines = Mapping[Release, str]
Steps = Mapping[Release, str]


class IndexedFacts(TypeTree):
    """The facts of one build; what is absent is unknown, never a value."""

    def __init__(self, facts: MachineFacts) -> None:
        super().__init__(facts.types)
        self.facts = facts
        self._computed: dict[str, Mapping[str, Values]] = {}

    @property
    def name(self) -> str:
        """The build as a packager knows it."""
        identity = self.facts.identity
        return f"{identity.version} ({identity.package})" if identity.package else identity.version

    @property
    def has_tables(self) -> bool:
        """Whether the build reported its tables; recovered ones cannot show dead rows."""
        return self.facts.origin == "reported"

    @cached_property
    def families(self) -> Mapping[str, Machines]:
        """Machine types by family and release, newest first."""
        found: defaultdict[str, dict[Release, str]] = defaultdict(dict)
        for machine in self.facts.machines:
            if version := versioned(machine.name):
                found[version.family][version.version] = machine.name
        return {
            family: dict(sorted(machines.items(), reverse=True))
            for family, machines in sorted(found.items())
        }

    @cached_property
    def newest(self) -> Release:
        """The newest release of any family; of older ones the build has the tables."""
        return max((max(machines) for machines in self.families.values()), default=())

    def observed(self, machine: str) -> Mapping[str, Values]:
        """Observed values; added devices come before those of the board."""
        seen = self.facts.observed.get(machine)
        return {**seen.defaults, **seen.devices} if seen else {}

    def computed(self, machine: str) -> Mapping[str, Values]:
        """The reported defaults after the reported tables, by concrete type."""
        if machine not in self._computed:
            self._computed[machine] = self._compute(self.facts.tables.get(machine))
        return self._computed[machine]

    def _compute(self, table: Iterable[CompatEntry] | None) -> Mapping[str, Values]:
        """The entries for a type itself come after those for its inner device (`layers`)."""
        if table is None:
            return {}
        own: defaultdict[str, dict[str, str]] = defaultdict(dict)
        inner: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for entry in table:
            for type, property in self.meant_by(entry):
                if property in self._defaults[type]:
                    is_own = matches(self.facts.types[type], entry.driver)
                    (own if is_own else inner)[type][property] = entry.value
        written = {type: {**inner[type], **own[type]} for type in own.keys() | inner.keys()}
        return {
            type: {**defaults, **written[type]} if type in written else defaults
            for type, defaults in self._defaults.items()
        }

    @cached_property
    def _defaults(self) -> Mapping[str, Values]:
        """Class defaults, not `base`: what devices make of them is another kind of value."""
        return {
            name: {key: value for key, value in fact.properties.items() if value is not None}
            for name, fact in self.facts.types.items()
            if not fact.is_abstract
        }

    @cached_property
    def added(self) -> Mapping[Release, tuple[CompatEntry, ...]]:
        """By release, newest first, the entries of its table, on any board.

        The entries of a family's newest machine type are the board's own and belong to no release.
        """
        found: defaultdict[Release, dict[CompatEntry, None]] = defaultdict(dict)
        added = added_by(self.facts.tables)
        for machines in self.families.values():
            for release, machine in list(machines.items())[1:]:
                found[release] |= dict.fromkeys(added.get(machine, ()))
        return {release: tuple(found[release]) for release in sorted(found, reverse=True)}

    @cached_property
    def steps(self) -> Mapping[TypeProperty, Steps]:
        """By type and property the releases with an entry of their own, and its value."""
        found: defaultdict[TypeProperty, dict[Release, str]] = defaultdict(dict)
        if not self.has_tables:
            return self._seen_steps()
        for release, entries in self.added.items():
            for entry in entries:
                for spot in self.meant_by(entry):
                    found[spot][release] = entry.value
        return found

    def _seen_steps(self) -> Mapping[TypeProperty, Steps]:
        found: defaultdict[TypeProperty, dict[Release, str]] = defaultdict(dict)
        for machines in self.families.values():
            newer: Mapping[str, Values] = {}
            for release, machine in machines.items():
                devices = self.observed(machine)
                for type, property in _changes(newer, devices):
                    found[type, property][release] = devices[type][property]
                newer = devices
        return found


def _changes(newer: Mapping[str, Values], older: Mapping[str, Values]) -> Iterator[TypeProperty]:
    for type in newer.keys() & older.keys():
        before, after = newer[type], older[type]
        for property in sorted(before.keys() & after.keys()) if before != after else ():
            is_kept = is_same(type, property, before[property], after[property])
            if not is_kept and not is_derived(property):
                yield type, property
