"""All facts of a build's machine types, asked of the build itself.

All questions come together here: types and class defaults (`types`), tables as the build reports
them (`tables`), what devices show under each machine type (`observe`), and tables derived from
that where the build reports none (`recover`). `store` keeps the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qcompat.arch.machine_type import versioned
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts, MachineFact
from qcompat.machine.ask.asked_on import asked_on
from qcompat.machine.ask.tables import ask_tables
from qcompat.machine.ask.types import ask_types
from qcompat.machine.cpu_defaults import with_processors
from qcompat.machine.layers import Layers, applied
from qcompat.machine.model import CompatEntry, MachineFacts, TypeFact, Values
from qcompat.machine.observe.observe import observe
from qcompat.machine.recover import recover
from qcompat.machine.tables import Tables, added_by
from qcompat.portrait.portrait import Accel


async def gather(build: Build, facts: BuildFacts, accel: Accel) -> MachineFacts:
    """Ask for everything; takes one to two minutes on two cores.

    What could not be learned is in `lost`. Errors: QemuError, BuildError when the build cannot run.
    """
    types, lost = await ask_types(build, accel)
    reported = await ask_tables(build)
    machines = [each.name for each in _sorted(facts.machines) if versioned(each.name)]
    observed = await observe(build, facts, machines, accel=accel)
    recovered = recover(observed, types, machines)
    return MachineFacts(
        identity=build.identity,
        machines=_sorted(facts.machines),
        types=types,
        tables=recovered.tables if reported is None else reported,
        origin="recovered" if reported is None else "reported",
        base=with_processors(_without_always_set(reported, recovered.base, types), types),
        observed=observed,
        lost=lost,
        processors=asked_on(build.identity, accel),
    )


def _without_always_set(
    reported: Tables | None, base: Mapping[str, Values], types: Mapping[str, TypeFact]
) -> Mapping[str, Values]:
    """Base values without those that every versioned machine type's table sets.

    No device was seen without such an entry, so that only the class default is known. The older
    types of a family set what its newest one sets.
    """
    if reported is None:
        return base
    newest = [added for name, added in added_by(reported).items() if added == reported[name]]
    found = {}
    for name, values in base.items():
        set_by = [_set_by(types, table, name) for table in newest] if name in types else []
        always = set.intersection(*set_by) if set_by else set()
        found[name] = {key: value for key, value in values.items() if key not in always}
    return found


def _set_by(types: Mapping[str, TypeFact], table: Sequence[CompatEntry], name: str) -> set[str]:
    return {entry.property for _, entry in applied(types, Layers(tuple(table)), name)}


def _sorted(machines: tuple[MachineFact, ...]) -> tuple[MachineFact, ...]:
    """Newest first within a family, families by name."""

    def place(machine: MachineFact) -> tuple[str, tuple[int, ...], str]:
        version = versioned(machine.name)
        if version is None:
            return machine.name, (), machine.name
        return version.family, tuple(-part for part in version.version), machine.name

    return tuple(sorted(machines, key=place))
