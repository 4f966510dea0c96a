"""The verb: base values and compat tables from what devices said.

Each board is walked from its newest machine type to the oldest. What a device says that the
table so far does not is one release's change; its entries are appended, so that of two
entries the oldest release's wins, as in QEMU.
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

    `base` are values by type where no table speaks; of a proxy also what the device inside
    says. `steps` holds for each machine type the entries that it adds to those of the next newer
    release of its board, `tables` all entries in the order of application. `configured` names
    by machine type the (type, property) that is not the machine type's to decide (`sighting`):
    whatever base and table say of it there, its value is not known. `unknown` gives by machine
    type the types that could not be instantiated, with the reason: nothing follows for them but
    what an ancestor's entry says.
    """

    base: Mapping[str, Values]
    steps: Mapping[str, Table]
    tables: Mapping[str, Table]
    configured: Mapping[str, frozenset[tuple[str, str]]] = {}
    unknown: Mapping[str, Mapping[str, str]] = {}

    @property
    def unknown_count(self) -> int:
        """How many (machine type, device type) nothing was learned of."""
        return sum(len(types) for types in self.unknown.values())


def recover(
    observed: Mapping[str, Observed],
    types: Mapping[str, TypeFact],
    machines: Sequence[str],
    others: Sequence[Mapping[str, Observed]] = (),
) -> Recovered:
    """Derive tables of these machine types from a sweep of one build.

    `others` are sweeps of the same build with other guests (more processors): what differs
    between sweeps is the guest's to decide. Machine types that were not observed get no table.
    """
    sweeps = (observed, *others)
    seen = seen_values(sweeps)
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
    return Recovered(base, steps, tables, _configured(seen), _unknown(sweeps, seen))


def _walk(
    board: Family, seen: SeenValues, base: Mapping[str, Values], reach: Reach
) -> dict[str, Table]:
    """The entries that each machine type of a board adds, newest first."""
    said: dict[str, Values] = dict(base)
    outer: set[tuple[str, str]] = set()
    steps: dict[str, Table] = {}
    for machine in board.machines:
        steps[machine] = ()
        while step := _step(seen[machine], said, base, outer, reach):
            if set(step) <= set(steps[machine]):
                break  # of a property that neither base nor type tree knows
            steps[machine] += step
            outer |= {
                (type, entry.property)
                for entry in step
                for type in said
                if entry.driver in reach.own(type)
            }
            said = {type: reach.apply(type, values, step) for type, values in said.items()}
    return steps


def _step(
    devices: Mapping[str, DeviceValues],
    said: Mapping[str, Values],
    base: Mapping[str, Values],
    outer: set[tuple[str, str]],
    reach: Reach,
) -> Table:
    changed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for type, device_values in devices.items():
        for property, value in device_values.items():
            if value is not CONFIGURED and said[type].get(property) != value:
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


def _unknown(
    sweeps: Sequence[Mapping[str, Observed]], seen: SeenValues
) -> dict[str, dict[str, str]]:
    """Types that every sweep had to skip; a later sweep's reason stands."""
    result: dict[str, dict[str, str]] = {machine: {} for machine in seen}
    for sweep in sweeps:
        for machine, observed in sweep.items():
            skipped = observed.skipped.items()
            result[machine] |= {type: why for type, why in skipped if type not in seen[machine]}
    return result
