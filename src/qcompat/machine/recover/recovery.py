"""The verb: base values and compat tables from what devices show.

Each board is walked from its newest machine type to the oldest. A value that the table so far does
not explain is one release's change; its entries are appended, so that of two entries the oldest
release's wins, as in QEMU.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from qcompat.machine.model import CompatEntry, Observed, TypeFact, Values
from qcompat.machine.recover.base_values import base_values, with_inner
from qcompat.machine.recover.device_values import CONFIGURED, DeviceValues, SeenValues, seen_values
from qcompat.machine.recover.families import Family, families
from qcompat.machine.recover.generalise import Change, entries
from qcompat.machine.recover.reach import Reach

Table = tuple[CompatEntry, ...]


class Recovered(msgspec.Struct, frozen=True):
    """Compat tables as observations justify them.

    `base` are the values by type that no table sets; of a proxy also those of the device
    inside. `steps` holds for each machine type the entries that it adds to those of the next newer
    release of its board, `tables` all entries in the order of application. `configured` names
    by machine type the (type, property) that the machine type does not decide (`device_values`):
    its value there is unknown, whatever base and table have. `unknown` gives by machine type the
    types that could not be instantiated, with the reason: only an ancestor's entries apply to
    them.
    """

    base: Mapping[str, Values]
    steps: Mapping[str, Table]
    tables: Mapping[str, Table]
    configured: Mapping[str, frozenset[tuple[str, str]]] = {}
    unknown: Mapping[str, Mapping[str, str]] = {}

    @property
    def unknown_count(self) -> int:
        """How many (machine type, device type) nothing is known about."""
        return sum(len(types) for types in self.unknown.values())


def recover(
    observed: Mapping[str, Observed],
    types: Mapping[str, TypeFact],
    machines: Sequence[str],
    others: Sequence[Mapping[str, Observed]] = (),
) -> Recovered:
    """Derive tables of these machine types from the observations of one build.

    `others` are observations of the same build with other guests (more processors): the guest
    decides what differs between them. Machine types that were not observed get no table.
    """
    runs = (observed, *others)
    seen = seen_values(runs)
    boards = families(machine for machine in machines if machine in seen)
    reach = Reach(types)
    base = with_inner(base_values(seen, boards, types), reach)
    reach = Reach(types, base)
    steps: dict[str, Table] = {}
    tables: dict[str, Table] = {}
    for board in boards:
        steps |= _walk(board, seen, base, reach)
        table: Table = ()
        for machine in board.machines:
            tables[machine] = table = table + steps[machine]
    return Recovered(base, steps, tables, _configured(seen), _unknown(runs, seen))


def _walk(
    board: Family, seen: SeenValues, base: Mapping[str, Values], reach: Reach
) -> dict[str, Table]:
    """The entries that each machine type of a board adds, newest first."""
    known: dict[str, Values] = dict(base)
    outer: set[tuple[str, str]] = set()
    steps: dict[str, Table] = {}
    for machine in board.machines:
        steps[machine] = ()
        while step := _step(seen[machine], known, base, outer, reach):
            if set(step) <= set(steps[machine]):
                break  # a property that neither base nor type tree has
            steps[machine] += step
            outer |= {
                (type, entry.property)
                for entry in step
                for type in known
                if entry.driver in reach.own(type)
            }
            known = {type: reach.apply(type, values, step) for type, values in known.items()}
    return steps


def _step(
    devices: Mapping[str, DeviceValues],
    known: Mapping[str, Values],
    base: Mapping[str, Values],
    outer: set[tuple[str, str]],
    reach: Reach,
) -> Table:
    changed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for type, device_values in devices.items():
        for property, value in device_values.items():
            if value is not CONFIGURED and known[type].get(property) != value:
                changed[property, value].add(type)
    found: list[CompatEntry] = []
    for (property, value), those in sorted(changed.items()):
        holders = {type for type, device_values in devices.items() if property in device_values}
        kept = {
            type
            for type in holders - those
            if devices[type][property] == value != base[type].get(property)
        }
        spoken = {type for type in holders if (type, property) in outer}
        sets = (frozenset(each) for each in (holders, those, kept, spoken))
        found += entries(Change(property, value, *sets), reach)
    return tuple(sorted(found, key=lambda entry: (reach.depth(entry.driver), entry)))


def _configured(seen: SeenValues) -> dict[str, frozenset[tuple[str, str]]]:
    return {
        machine: frozenset(
            (type, property)
            for type, device_values in devices.items()
            for property, value in device_values.items()
            if value is CONFIGURED
        )
        for machine, devices in seen.items()
    }


def _unknown(runs: Sequence[Mapping[str, Observed]], seen: SeenValues) -> dict[str, dict[str, str]]:
    """Types that every run had to skip, with the last run's reason."""
    result: dict[str, dict[str, str]] = {machine: {} for machine in seen}
    for run in runs:
        for machine, observed in run.items():
            skipped = observed.skipped.items()
            result[machine] |= {type: why for type, why in skipped if type not in seen[machine]}
    return result
