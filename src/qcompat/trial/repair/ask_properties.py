"""Which properties a build has for a guest's types, asked in one launch without a machine.

`device-list-properties` can end the process for some types (one whose module is missing); such
a type is lost, and a new process is asked for the rest. Builds list their compat tables from 9.1
on; for older builds those that qcompat knows already are taken, since deriving them takes minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, FileFormatError, QemuDiedError, QemuTimeoutError
from qcompat.local.home import cache_home
from qcompat.machine.model import CompatEntry
from qcompat.machine.store import place_of, read_facts, shipped
from qcompat.machine.value import canonical
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from qcompat.remedy.build_properties import BuildProperties, Properties, PropertyInfo

_MACHINE = "-machine"


async def ask_properties(
    build: Build, portraits: Iterable[Portrait], named: Iterable[str], accel: Accel
) -> BuildProperties:
    """What `build` has for all device and processor types of the portraits and those `named`.

    Errors: QemuError when the build cannot be started, or does not list its types.
    """
    wanted = {device.type for portrait in portraits for device in portrait.devices}
    wanted |= {portrait.cpu.type for portrait in portraits if portrait.cpu} | set(named)
    machines = [f"{portrait.machine}{_MACHINE}" for portrait in portraits if portrait.machine]
    asked = _Asked(build, accel)
    await asked.tree(machines[-1:])
    known = sorted(wanted & asked.parents.keys())
    await asked.types(known)
    return BuildProperties(
        types=asked.properties,
        parents={type_: asked.chain(type_) for type_ in known},
        entries=asked.entries,
        reaches=asked.reaches(known),
        machine=asked.machine,
        lost=asked.lost,
    )


class _Asked:
    """The answers so far, over several launches where a question ends one."""

    def __init__(self, build: Build, accel: Accel) -> None:
        self._build = build
        self._command = command(build, kvm=accel == "kvm")
        self._arguments = ("-accel", accel, "-machine", "none", "-nodefaults")
        self.parents: dict[str, str] = {}
        self.entries: tuple[CompatEntry, ...] = ()
        self.properties: dict[str, Properties] = {}
        self.machine: Properties = {}
        self.lost: dict[str, str] = {}
        self._meant: Mapping[str, frozenset[str]] = {}

    async def tree(self, machines: list[str]) -> None:
        """Types, tables, and the properties of the guest's machine type."""
        async with launch(self._command, self._arguments) as qemu:
            rows = await qemu.execute("qom-list-types", {"abstract": True})
            self.parents = {row["name"]: row.get("parent", "") for row in rows}
            self.entries = await _tables(qemu) or _kept_tables(self._build)
            drivers = dict.fromkeys(entry.driver for entry in self.entries)
            self._meant = {driver: await _types_of(qemu, driver) for driver in drivers}
            for machine in machines:
                self.machine = await _machine(qemu, machine, self.lost)

    async def types(self, names: list[str]) -> None:
        """The properties of these types."""
        waiting = deque(names)
        while waiting:
            async with launch(self._command, self._arguments) as qemu:
                await self._while_alive(qemu, waiting)

    async def _while_alive(self, qemu: Qemu, waiting: deque[str]) -> None:
        while waiting:
            name = waiting.popleft()
            try:
                rows = await qemu.execute("device-list-properties", {"typename": name})
                self.properties[name] = _infos(rows)
            except CommandError as error:
                self.lost[name] = error.message
            except (QemuDiedError, QemuTimeoutError) as error:
                self.lost[name] = error.message
                return

    def chain(self, type_: str) -> tuple[str, ...]:
        """The ancestors of a type, nearest first."""
        found: list[str] = []
        parent = self.parents.get(type_, "")
        while parent and parent not in found:
            found.append(parent)
            parent = self.parents.get(parent, "")
        return tuple(found)

    def reaches(self, known: list[str]) -> dict[str, frozenset[str]]:
        """Which of the guest's types each driver of a table, and each ancestor, means."""
        found = {driver: self._meant[driver].intersection(known) for driver in self._meant}
        for type_ in known:
            for driver in (type_, *self.chain(type_)):
                found[driver] = found.get(driver, frozenset()) | {type_}
        return found


async def _tables(qemu: Qemu) -> tuple[CompatEntry, ...]:
    try:
        machines = await qemu.execute("query-machines", {"compat-props": True})
    except CommandError:
        return ()
    rows = (row for machine in machines for row in machine.get("compat-props", ()))
    entries = (CompatEntry(r["qom-type"], r["property"], canonical(r["value"])) for r in rows)
    return tuple(dict.fromkeys(entries))


def _kept_tables(build: Build) -> tuple[CompatEntry, ...]:
    """Tables of a build that does not list them, where they are known without deriving them."""
    for place in (place_of(build, cache_home()), *shipped().values()):
        try:
            facts = read_facts(place, observed=False) if place.exists() else None
        except FileFormatError:
            continue
        if facts is not None and facts.identity == build.identity:
            return tuple(dict.fromkeys(e for table in facts.tables.values() for e in table))
    return ()


async def _types_of(qemu: Qemu, driver: str) -> frozenset[str]:
    rows = await qemu.execute("qom-list-types", {"implements": driver, "abstract": True})
    return frozenset(row["name"] for row in rows)


async def _machine(qemu: Qemu, type_: str, lost: dict[str, str]) -> Properties:
    try:
        return _infos(await qemu.execute("qom-list-properties", {"typename": type_}))
    except CommandError as error:
        lost[type_] = error.message
        return {}


def _infos(rows: Iterable[Mapping[str, Any]]) -> dict[str, PropertyInfo]:
    return {
        row["name"]: PropertyInfo(
            row["name"], row["type"], _default(row), str(row.get("description") or "")
        )
        for row in sorted(rows, key=lambda row: str(row["name"]))
    }


def _default(row: Mapping[str, Any]) -> str | None:
    return canonical(row["default-value"], row["type"]) if "default-value" in row else None
