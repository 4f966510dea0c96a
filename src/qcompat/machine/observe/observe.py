"""Observing all device types of a build under machine types.

The oldest and the newest of a family of machine types (`pc-q35-*`) are tried first and in full;
what neither can make is not tried in between, and the groups that worked are used for the others.
So the grouping depends on the build's answers, never on their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from qcompat.arch.machine_type import parse_machine_type
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.machine.model import Observed, Values
from qcompat.machine.observe.cpu_models import models
from qcompat.machine.observe.device_setup import device_setups
from qcompat.machine.observe.groups import (
    Failure,
    Group,
    GroupPlan,
    GroupResults,
    Seen,
    first_groups,
    try_groups,
    values_by_type,
    without_refused,
)
from qcompat.machine.observe.guest_arguments import buses
from qcompat.machine.observe.probe import BuildProbe
from qcompat.portrait.portrait import Accel
from qcompat.qemu.patience import Patience

AT_ONCE = 2
"""QEMUs that run at the same time: each is busy for all of its short life."""
_SHARE = 4.0
"""Of the patience for one QEMU, for the hundreds of short ones that are started here."""

T = TypeVar("T")


async def observe(
    build: Build, facts: BuildFacts, machines: Sequence[str], *, accel: Accel
) -> Mapping[str, Observed]:
    """What every device type shows under each of `machines`, by machine type.

    What a build refuses or crashes on is in `skipped`, not raised. Errors: BuildError when
    the build cannot run here.
    """
    gate, patience = asyncio.Semaphore(AT_ONCE), Patience(_SHARE)
    families: dict[str, list[str]] = {}
    for machine in sorted(set(machines), key=lambda name: parse_machine_type(name).succession):
        families.setdefault(parse_machine_type(machine).family, []).append(machine)
    done = await asyncio.gather(
        *(_family(build, facts, family, accel, gate, patience) for family in families.values())
    )
    found = {machine: one for part in done for machine, one in part.items()}
    return {machine: found[machine] for machine in machines}


async def _family(
    build: Build,
    facts: BuildFacts,
    machines: Sequence[str],
    accel: Accel,
    gate: asyncio.Semaphore,
    patience: Patience,
) -> Mapping[str, Observed]:
    """One family, from the oldest machine type to the newest."""
    made, skipped = device_setups(machines[0], facts.devices)
    asked, not_asked = models(facts.devices)
    probe = BuildProbe(build, made, buses(facts.devices), accel, patience)
    observer = _Observer(probe, asked, {**skipped, **not_asked}, gate)
    plan = learned = GroupPlan(first_groups(tuple(made)))
    done: dict[str, Observed] = {}
    refused: list[Mapping[str, str]] = []
    for machine in dict.fromkeys((machines[-1], machines[0])):
        done[machine], results = await observer.observe(machine, plan)
        if results is not None:
            refused.append(results.refused)
            plan, learned = results.again, results.learned
    plan = without_refused(learned, refused)
    rest = [machine for machine in machines if machine not in done]
    answers = await asyncio.gather(*(observer.observe(machine, plan) for machine in rest))
    return done | {machine: one for machine, (one, _) in zip(rest, answers, strict=True)}


@dataclass
class _Observer:
    """Asks one family of machine types; `gate` bounds how many QEMUs run at once."""

    probe: BuildProbe
    models: Sequence[str]
    skipped: Mapping[str, str]
    gate: asyncio.Semaphore
    _known: dict[tuple[tuple[str, str], ...], Values] = field(default_factory=dict)

    async def observe(self, machine: str, plan: GroupPlan) -> tuple[Observed, GroupResults | None]:
        """What a machine type shows, and the results of the plan if it starts at all."""

        async def attempt(group: Group) -> Seen | Failure:
            async with self.gate:
                return await self.probe.attempt(machine, group)

        async with self.gate:
            board = await self.probe.board(machine, self.models)
        if isinstance(board, Failure):
            reason = f"the machine type does not start: {board.reason}"
            every = dict.fromkeys((*self.models, *self.probe.setups), reason)
            return Observed(machine, {}, skipped=_sorted({**self.skipped, **every})), None
        results = await try_groups(plan, attempt)
        devices = self._shared({**values_by_type(results.seen), **board.processors})
        lost = {**self.skipped, **board.skipped, **results.refused}
        skipped = {
            t: reason for t, reason in lost.items() if t not in devices
        }  # made with another type
        observed = Observed(
            machine, _sorted(devices), _sorted(board.defaults or {}), _sorted(skipped)
        )
        return observed, results

    def _shared(self, devices: Mapping[str, Values]) -> Mapping[str, Values]:
        """Equal values are one object: most devices are equal under most machine types."""
        known = self._known
        return {t: known.setdefault(tuple(said.items()), said) for t, said in devices.items()}


def _sorted(by_type: Mapping[str, T]) -> dict[str, T]:
    return dict(sorted(by_type.items()))
