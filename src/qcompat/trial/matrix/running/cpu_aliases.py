"""Processor types that are one guest under two names: of these one is tried, and settles both.

`Penryn` stands for the version of it that the machine type chooses: QEMU says so with `alias-of`
in query-cpu-definitions (since 4.2; target/i386/cpu.c, x86_cpu_definition_entry), and is silent
under machine types that choose none. A compat table can name one of the two alone, so what QEMU
makes of both is compared as well. Only what loads is taken over; what fails is tried itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, QemuError
from qcompat.guest.single import single_device
from qcompat.hosts.ask.answers import aliases_in
from qcompat.machine.observe.island import CPU
from qcompat.machine.observe.processors import ask_model
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from qcompat.trial.matrix.question.named_guest import Entry
from qcompat.trial.matrix.question.spec import Scope
from qcompat.trial.together import together

Twins = Mapping[tuple[str, str], str]
"""The name of the entry that is tried, by the key of the one that it stands for."""


async def find_twins(scope: Scope) -> Twins:
    """The twins among a matrix's processor types: those that are so on every build.

    It starts one QEMU a machine type and build; where one cannot be asked there are none.
    """
    found: dict[tuple[str, str], str] = {}
    for machine, builds in scope.able.items():
        names = [entry.name for entry in scope.entries if _is_processor(entry, machine)]
        if len(names) > 1:
            asked = (_ask(build, machine, names, scope) for build in builds)
            found.update(_agreed(machine, await together(asked)))
    return found


def _is_processor(entry: Entry, machine: str) -> bool:
    if entry.machine != machine or not entry.name.endswith(CPU):
        return False
    return entry.guest == single_device(machine, entry.name)


def _agreed(machine: str, said: Sequence[Mapping[str, str]]) -> Twins:
    first, *others = said
    return {
        (machine, name): twin
        for name, twin in first.items()
        if all(other.get(name) == twin for other in others)
    }


async def _ask(build: Build, machine: str, names: Sequence[str], scope: Scope) -> dict[str, str]:
    """The twins on one build, each by the name that stands for the other."""
    board = single_device(machine, None).arguments
    prefix = command(build, kvm=scope.accel == "kvm")
    try:
        async with launch(prefix, ["-accel", scope.accel, *board]) as qemu:
            return {
                name: twin
                for name, twin in _aliases(await qemu.execute("query-cpu-definitions"))
                if {name, twin} <= set(names) and await _is_one(qemu, name, twin)
            }
    except QemuError:
        return {}


def _aliases(definitions: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(f"{name}{CPU}", f"{twin}{CPU}") for name, twin in aliases_in(definitions).items()]


async def _is_one(qemu: Qemu, name: str, twin: str) -> bool:
    try:
        return await ask_model(qemu, name) == await ask_model(qemu, twin)
    except CommandError:
        return False
