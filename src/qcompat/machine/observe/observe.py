"""Observing all device types of a build under machine types.

The two ends of a family of machine types (`pc-q35-*`) are tried first and in full; what
neither can make is not tried in between, and the groups that went are used for the others. So
the grouping depends on what the build answers, never on which answer comes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from qcompat.arch.machine_type import parse_machine_type
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.machine.model import Observed
from qcompat.machine.observe.bench import Bench, first_groups
from qcompat.machine.observe.cpu_models import models
from qcompat.machine.observe.device_setup import islands
from qcompat.machine.observe.groups import Plan, settled
from qcompat.machine.observe.guest_arguments import buses
from qcompat.machine.observe.probe import Workshop
from qcompat.portrait.portrait import Accel

AT_ONCE = 2
"""QEMUs that run at the same time: they are busy all their short life."""


async def observe(
    build: Build, facts: BuildFacts, machines: Sequence[str], *, accel: Accel
) -> Mapping[str, Observed]:
    """What every device type says under each of `machines`, by machine type.

    What a build refuses or crashes on is in `skipped`, not raised. Errors: BuildError when
    the build cannot run here.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    families: dict[str, list[str]] = {}
    for machine in sorted(set(machines), key=_age):
        families.setdefault(parse_machine_type(machine).family, []).append(machine)
    done = await asyncio.gather(
        *(_family(build, facts, family, accel, gate) for family in families.values())
    )
    found = {machine: one for part in done for machine, one in part.items()}
    return {machine: found[machine] for machine in machines}


def _age(machine: str) -> tuple[str, tuple[int, ...]]:
    found = parse_machine_type(machine)
    return found.family, found.version


async def _family(
    build: Build, facts: BuildFacts, machines: Sequence[str], accel: Accel, gate: asyncio.Semaphore
) -> Mapping[str, Observed]:
    """One family, from the oldest machine type to the newest."""
    made, skipped = islands(machines[0], facts.devices)
    asked, not_asked = models(facts.devices)
    workshop = Workshop(build, made, buses(facts.devices), accel)
    bench = Bench(workshop, asked, {**skipped, **not_asked}, gate)
    plan = learned = Plan(first_groups(tuple(made)))
    done: dict[str, Observed] = {}
    refused: list[Mapping[str, str]] = []
    for machine in dict.fromkeys((machines[-1], machines[0])):
        done[machine], sifted = await bench.observe(machine, plan)
        if sifted is not None:
            refused.append(sifted.refused)
            plan, learned = sifted.again, sifted.learned
    plan = settled(learned, refused)
    rest = [machine for machine in machines if machine not in done]
    answers = await asyncio.gather(*(bench.observe(machine, plan) for machine in rest))
    return done | {machine: one for machine, (one, _) in zip(rest, answers, strict=True)}
