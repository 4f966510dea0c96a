"""Processor types that are one guest under two names: one is tried, and settles both.

`Penryn` stands for the version of it that the machine type chooses: QEMU says so with `alias-of`
in query-cpu-definitions (since 4.2; target/i386/cpu.c, x86_cpu_definition_entry), and says nothing
under machine types that choose none. A compat table can name one of the two alone, so what QEMU
makes of both is compared as well. Only loads are taken over; what fails is tried itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qcompat.arch.architecture import architecture_of, is_cpu_type
from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, HostLacksError, QemuError
from qcompat.guest.single import single_device
from qcompat.hosts.ask.answers import aliases_in
from qcompat.local.side_by_side import side_by_side
from qcompat.machine.observe.cpu_models import ask_model
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.spec import MatrixSpec

CpuAliases = Mapping[tuple[str, str], str]
"""The entry that is tried, by the key of the one whose outcome it decides too."""


async def find_cpu_aliases(spec: MatrixSpec) -> CpuAliases:
    """The aliases among a matrix's processor types: those that are aliases on every build.

    Starts one QEMU for each machine type and build; where one cannot be asked, there are none.
    """
    found: dict[tuple[str, str], str] = {}
    for machine, builds in spec.able.items():
        names = [entry.name for entry in spec.entries if _is_processor(entry, machine)]
        if len(names) > 1:
            asked = (_ask(build, machine, names, spec) for build in builds)
            found.update(_agreed(machine, await side_by_side(asked)))
    return found


def _is_processor(entry: MatrixEntry, machine: str) -> bool:
    if entry.machine != machine or not is_cpu_type(entry.name):
        return False
    return entry.guest == single_device(machine, entry.name)


def _agreed(machine: str, answers: Sequence[Mapping[str, str]]) -> CpuAliases:
    first, *others = answers
    return {
        (machine, name): alias
        for name, alias in first.items()
        if all(other.get(name) == alias for other in others)
    }


async def _ask(
    build: Build, machine: str, names: Sequence[str], spec: MatrixSpec
) -> dict[str, str]:
    """The aliases on one build: the name that is tried, by the other one."""
    board = single_device(machine, None).arguments
    prefix = command(build, kvm=spec.accel == "kvm")
    try:
        async with launch(prefix, ["-accel", spec.accel, *board]) as qemu:
            return {
                name: alias
                for name, alias in _aliases(machine, await qemu.execute("query-cpu-definitions"))
                if {name, alias} <= set(names) and await _is_one(qemu, name, alias)
            }
    except (QemuError, HostLacksError):
        return {}


def _aliases(machine: str, definitions: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    cpu_type = architecture_of(machine).cpu_type
    return [(cpu_type(name), cpu_type(alias)) for name, alias in aliases_in(definitions).items()]


async def _is_one(qemu: Qemu, name: str, alias: str) -> bool:
    try:
        return await ask_model(qemu, name) == await ask_model(qemu, alias)
    except CommandError:
        return False
