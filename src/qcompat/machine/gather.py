"""All facts of a build's machine types, asked of the build itself.

The one place where the questions come together: types and class defaults (`types`), tables as
the build reports them (`tables`), what devices say under each machine type (`observe`), and
tables from that where the build reports none (`recover`). Keeping the facts is `store`.
"""

from __future__ import annotations

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts, MachineFact
from qcompat.machine.model import MachineFacts
from qcompat.machine.observe.observe import observe
from qcompat.machine.recover import recover
from qcompat.machine.tables import ask_tables, parse_version
from qcompat.machine.types import ask_types
from qcompat.portrait.portrait import Accel


async def gather(build: Build, facts: BuildFacts, accel: Accel) -> MachineFacts:
    """Ask for everything; takes one to two minutes on two cores.

    What could not be had is in `lost`. Errors: QemuError, BuildError when the build cannot run.
    """
    types, lost = await ask_types(build, accel)
    reported = await ask_tables(build)
    machines = [each.name for each in _sorted(facts.machines) if parse_version(each.name)]
    observed = await observe(build, facts, machines, accel=accel)
    recovered = recover(observed, types, machines)
    return MachineFacts(
        identity=build.identity,
        machines=_sorted(facts.machines),
        types=types,
        tables=recovered.tables if reported is None else reported,
        origin="recovered" if reported is None else "reported",
        base=recovered.base,
        observed=observed,
        lost=lost,
    )


def _sorted(machines: tuple[MachineFact, ...]) -> tuple[MachineFact, ...]:
    """Newest first within a family, families by name."""

    def place(machine: MachineFact) -> tuple[str, tuple[int, ...], str]:
        version = parse_version(machine.name)
        if version is None:
            return machine.name, (), machine.name
        return version.family, tuple(-part for part in version.version), machine.name

    return tuple(sorted(machines, key=place))
