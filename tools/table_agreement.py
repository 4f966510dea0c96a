"""How well recovered tables agree with those that a build reports itself.

Both are applied to the same base values, so that what is compared is what the tables say of
each device that was seen, not how they say it: a reported entry for an interface and
recovered ones for each of its devices are equal. Recovering is `recover`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from qcompat.machine.model import CompatEntry, Observed, TypeFact, Values
from qcompat.machine.recover import Reach, Recovered


class Reason(StrEnum):
    """What kind of disagreement it is."""

    COMPUTED = "computed"
    """The device works the property out when it is realized: even where no table speaks it
    shows something else than the class default, or the table leaves it to the device (`auto`).
    So it can follow from another property (`vectors` from `num-queues`, `xres` from `edid`),
    and an entry for it can have no effect (`disable-legacy` of devices that are always
    modern)."""
    UNSPOKEN = "unspoken"
    """Devices say something else than by default, and no reported entry is the reason: board
    code, a field of the machine class (`hw_version` for `ver` of disks) or another property
    (`shpc=off` for `msi` of `pci-bridge`) is."""
    OVERRULED = "overruled"
    """A reported entry has no effect: the device, or its board, sets the property itself."""
    DIFFERENT = "different"
    """Both speak of the property, with different values."""


class Disagreement(msgspec.Struct, frozen=True, order=True):
    """One property of a type for which the tables of a machine type say different values.

    None stands for no value: neither the base nor the table speaks of the property.
    """

    reason: Reason
    type: str
    property: str
    machine: str
    recovered: str | None
    reported: str | None


class Agreement(msgspec.Struct, frozen=True):
    """Counts of (machine type, device type, property) over everything that devices said.

    `spoken` of `total` are those that at least one of the tables speaks of, `spoken_equal` of
    these agree. `configured` were left out because the guest decides them. `not_instantiated`
    counts what reported entries say of types and properties that were not seen.
    """

    total: int
    equal: int
    spoken: int
    spoken_equal: int
    disagreements: tuple[Disagreement, ...]
    configured: int
    not_instantiated: int

    @property
    def share(self) -> float:
        """Equal of all, 0 to 1; 1 where there is nothing to compare."""
        return self.equal / self.total if self.total else 1.0

    @property
    def spoken_share(self) -> float:
        """Equal of those that a table speaks of, 0 to 1."""
        return self.spoken_equal / self.spoken if self.spoken else 1.0

    def by_reason(self) -> Mapping[tuple[Reason, str, str], int]:
        """How many machine types disagree, by (reason, type, property)."""
        return Counter((each.reason, each.type, each.property) for each in self.disagreements)


def agreement(
    recovered: Recovered,
    reported: Mapping[str, Sequence[CompatEntry]],
    observed: Mapping[str, Observed],
    types: Mapping[str, TypeFact],
) -> Agreement:
    """Compare tables of every machine type that has both, device by device.

    Values of `reported` have to be in the canonical form of observed ones.
    """
    judge = _Judge(recovered, types)
    for machine in sorted(observed.keys() & reported.keys() & recovered.tables.keys()):
        judge.machine(machine, _properties(observed[machine]), reported[machine])
    tally, found = judge.tally, judge.found
    return Agreement(
        total=tally["total"],
        equal=tally["total"] - len(found),
        spoken=tally["spoken"],
        spoken_equal=tally["spoken"] - len(found),
        disagreements=tuple(sorted(found)),
        configured=tally["configured"],
        not_instantiated=tally["not_instantiated"],
    )


def _properties(observed: Observed) -> Mapping[str, frozenset[str]]:
    """What was seen under one machine type: properties by type."""
    return {
        type: frozenset(observed.devices.get(type, {})) | frozenset(observed.defaults.get(type, {}))
        for type in observed.devices.keys() | observed.defaults.keys()
    }


class _Judge:
    """What is collected while machine types are compared."""

    def __init__(self, recovered: Recovered, types: Mapping[str, TypeFact]) -> None:
        self.tally = Counter[str]()
        self.found: list[Disagreement] = []
        self._recovered = recovered
        self._types = types
        self._reach = Reach(types, recovered.base)
        self._proxies: dict[str, list[str]] = defaultdict(list)
        for type in sorted(types):
            if inner := self._reach.inner(type):
                self._proxies[inner].append(type)

    def machine(
        self, machine: str, seen: Mapping[str, frozenset[str]], reported: Sequence[CompatEntry]
    ) -> None:
        """Compare the two tables of one machine type."""
        guests = self._recovered.configured.get(machine, frozenset())
        for type in self._concrete(seen):
            ours = self._reach.apply(type, {}, self._recovered.tables[machine])
            theirs = self._reported(type, seen, reported)
            shown = seen.get(type, frozenset())
            decided = {property for property in shown if (type, property) not in guests}
            self.tally["not_instantiated"] += len(theirs.keys() - shown)
            self.tally["configured"] += len(shown - decided)
            self.tally["total"] += len(decided)
            self.tally["spoken"] += len(decided & (ours.keys() | theirs.keys()))
            self.found += self._disagreements(machine, type, decided, ours, theirs)

    def _concrete(self, seen: Iterable[str]) -> list[str]:
        known = {fact.name for fact in self._types.values() if not fact.is_abstract}
        return sorted(known | set(seen))

    def _reported(self, type: str, seen: Iterable[str], table: Iterable[CompatEntry]) -> Values:
        """What a table says of a type; of an inner device also what it says of its proxy.

        (`virtio-iommu-pci.aw-bits` sets the device inside.) Inner devices are seen inside the
        first of their proxies.
        """
        entries = tuple(table)
        said = dict(self._reach.apply(type, {}, entries))
        proxy = next((proxy for proxy in self._proxies[type] if proxy in set(seen)), None)
        if proxy is not None:
            drivers = self._reach.own(proxy)
            said |= {
                entry.property: entry.value
                for entry in entries
                if entry.driver in drivers and self._reach.inside(proxy, entry.property)
            }
        return said

    def _disagreements(
        self, machine: str, type: str, properties: Iterable[str], ours: Values, theirs: Values
    ) -> Iterator[Disagreement]:
        base = self._recovered.base.get(type, {})
        for property in properties:
            default = base.get(property)
            mine, told = ours.get(property, default), theirs.get(property, default)
            if mine != told:
                reason = self._reason(type, property, mine, theirs)
                yield Disagreement(reason, type, property, machine, mine, told)

    def _reason(self, type: str, property: str, mine: str | None, theirs: Values) -> Reason:
        base = self._recovered.base.get(type, {}).get(property)
        fact = self._types.get(type)
        default = fact.properties.get(property) if fact else None
        if (default is not None and base != default) or theirs.get(property) == "auto":
            return Reason.COMPUTED
        if property not in theirs:
            return Reason.UNSPOKEN
        return Reason.OVERRULED if mine == base else Reason.DIFFERENT
