"""Asking for the values of CPU models: their compat properties are QOM properties, on no bus."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qcompat.arch.architecture import cpu_model, is_cpu_type
from qcompat.builds.facts import DeviceFact
from qcompat.machine.model import Values
from qcompat.machine.observe.qtree import typed_value
from qcompat.qemu.cpu_model import expand
from qcompat.qemu.process import Qemu

_FIXED = re.compile(r"-v\d+$")


def models(devices: Iterable[DeviceFact]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The CPU types to ask about, and why others are not asked about.

    A plain name stands for the version that the machine type chooses (X86CPUVersion of
    target/i386/cpu.h, since 4.1); the fixed versions would make the answer three times as large.
    """
    asked: list[str] = []
    skipped: dict[str, str] = {}
    for type_ in (device.type for device in devices if is_cpu_type(device.type)):
        if _FIXED.search(cpu_model(type_)):
            skipped[type_] = "a fixed version of a CPU model: the model itself is asked about"
        else:
            asked.append(type_)
    return tuple(asked), skipped


async def ask_model(qemu: Qemu, type_: str) -> Values:
    """All properties of a CPU of that type. Errors: CommandError where it cannot be made here."""
    props = await expand(qemu, cpu_model(type_))
    said = {name: typed_value(value) for name, value in props.items()}
    return {name: value for name, value in sorted(said.items()) if value is not None}
