"""Asking a real build about a group of device types: start a guest with them, ask it, end it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, HostLacksError, LaunchError, QemuError
from qcompat.machine.model import Values
from qcompat.machine.observe.cpu_models import ask_model
from qcompat.machine.observe.device_setup import DeviceSetup, number_in
from qcompat.machine.observe.groups import Failure, Group, Seen
from qcompat.machine.observe.guest_arguments import Buses, guest_arguments
from qcompat.machine.observe.qtree import own_values, read_defaults, read_devices, typed_value
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch
from qcompat.qemu.patience import Patience
from qcompat.qemu.process import Qemu

_ARGUMENT = re.compile(r"^-[a-z]+ \S+: ")
"""What QEMU prints before an error: the argument that it was reading."""


@dataclass
class Board:
    """What a machine type shows without added devices: its own, and the CPU models."""

    defaults: Mapping[str, Values] | None = None
    processors: dict[str, Values] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


class BuildProbe:
    """A build and what can be put into its guests: everything that the attempts share."""

    def __init__(
        self,
        build: Build,
        setups: Mapping[str, DeviceSetup],
        buses: Buses,
        accel: Accel,
        patience: Patience,
    ) -> None:
        self.setups = setups
        self._buses = buses
        self._accel = accel
        self._prefix = command(build, kvm=accel == "kvm")
        self._patience = patience
        self._types = {number_in(setup.id): type_ for type_, setup in setups.items()}

    async def attempt(self, machine: str, group: Group) -> Seen | Failure:
        """What the types of a group show in one guest."""
        setups = [self.setups[type_] for type_ in group]
        try:
            async with self._guest(machine, setups) as qemu:
                seen = read_devices(await qemu.monitor("info qtree"), setups)
                for setup in setups:
                    if setup.type not in seen:
                        seen[setup.type] = {setup.type: await _ask(qemu, setup)}
                return seen
        except (QemuError, HostLacksError) as error:
            return self._failure(error)

    async def board(self, machine: str, models: Sequence[str]) -> Board | Failure:
        """What a machine type shows by itself; of CPU models only those that end QEMU are lost.

        Raises HostLacksError where this machine cannot even run that.
        """
        board = Board()
        left = list(models)
        while True:
            try:
                async with self._guest(machine, ()) as qemu:
                    if board.defaults is None:
                        board.defaults = read_defaults(await qemu.monitor("info qtree"))
                    while left:
                        await _add_model(board, qemu, left[0])
                        del left[0]
                    return board
            except QemuError as error:
                if board.defaults is None or not left:
                    return self._failure(error)
                board.skipped[left.pop(0)] = error.message

    @asynccontextmanager
    async def _guest(self, machine: str, setups: Sequence[DeviceSetup]) -> AsyncIterator[Qemu]:
        arguments = guest_arguments(machine, setups, self._buses)
        words = ["-accel", self._accel, *arguments]
        async with launch(self._prefix, words, patience=self._patience) as qemu:
            yield qemu

    def _failure(self, error: QemuError | HostLacksError) -> Failure:
        reason = error.said
        if not isinstance(error, (LaunchError, HostLacksError)):
            return Failure(reason)
        # The line that ends QEMU comes last; earlier ones may be warnings.
        for line in reversed(reason.splitlines()):
            if (number := number_in(line)) in self._types:
                return Failure(_ARGUMENT.sub("", line), self._types[number])
        return Failure(reason)


async def _add_model(board: Board, qemu: Qemu, type_: str) -> None:
    try:
        board.processors[type_] = await ask_model(qemu, type_)
    except CommandError as error:
        board.skipped[type_] = error.message


async def _ask(qemu: Qemu, setup: DeviceSetup) -> Values:
    """The properties of a device on no bus, one by one."""
    names = await qemu.execute("device-list-properties", {"typename": setup.type})
    said: dict[str, str] = {}
    path = f"/machine/peripheral/{setup.id}"
    for name in (str(one["name"]) for one in names):
        try:
            value = typed_value(await qemu.execute("qom-get", {"path": path, "property": name}))
        except CommandError:
            continue  # some can only be set
        if value is not None:
            said[name] = value
    return own_values(setup.type, said, setup.given)
