"""Compat tables as a build reports them.

Builds before 9.1 do not report them (`compat-props` of query-machines): `recover` derives those.
Entries that the accelerator or board code add are in no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qcompat.builds.build import Build
from qcompat.builds.learn.accelerators import ANY
from qcompat.builds.run.command import command
from qcompat.errors import CommandError
from qcompat.machine.model import CompatEntry
from qcompat.machine.tables import Tables
from qcompat.machine.value import canonical
from qcompat.qemu.launch import launch

_NO_MACHINE = (*ANY, "-machine", "none", "-nodefaults")
_UNEXPECTED = "'compat-props' is unexpected"


async def ask_tables(build: Build) -> Tables | None:
    """The compat table of each machine type, in the order of application; None where not reported.

    Errors: QemuError when the build cannot be started or fails to answer.
    """
    async with launch(command(build), _NO_MACHINE) as qemu:
        try:
            machines = await qemu.execute("query-machines", {"compat-props": True})
        except CommandError as error:
            if _UNEXPECTED in error.message:
                return None
            raise
    return {machine["name"]: _table(machine) for machine in sorted(machines, key=_name)}


def _name(machine: Mapping[str, Any]) -> str:
    return str(machine["name"])


def _table(machine: Mapping[str, Any]) -> tuple[CompatEntry, ...]:
    return tuple(
        CompatEntry(entry["qom-type"], entry["property"], canonical(entry["value"]))
        for entry in machine.get("compat-props", ())
    )
