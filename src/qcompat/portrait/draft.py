"""The parts of a portrait while it is taken.

A part that the build did not give becomes a gap; a build that ended early leaves the parts that
it gave before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.errors import HostLacksError, QcompatError, QemuDiedError
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import (
    Accel,
    Cpu,
    Device,
    FirmwareFile,
    Gap,
    MemoryBlock,
    Moment,
    PciFunction,
    Portrait,
    Refusal,
    VirtioDevice,
)
from qcompat.qemu.outcome import Outcome
from qcompat.stream.model import Stream

_T = TypeVar("_T")
_LOG_KEPT = 4096


@dataclass
class Draft:
    """A portrait in the making: the parts so far; `is_busy` says that the firmware did not end."""

    machine: str = ""
    devices: tuple[Device, ...] = ()
    memory: tuple[MemoryBlock, ...] = ()
    cpu: Cpu | None = None
    stream: Stream | None = None
    pci: tuple[PciFunction, ...] = ()
    virtio: tuple[VirtioDevice, ...] = ()
    firmware: tuple[FirmwareFile, ...] = ()
    own_load: Outcome | None = None
    own_loads: dict[str, int] = field(default_factory=dict)
    refusal: Refusal | None = None
    gaps: list[Gap] = field(default_factory=list)
    log: str = ""
    is_busy: bool = False

    async def part(self, name: str, ask: Callable[[], Awaitable[_T]], nothing: _T) -> _T:
        """Ask for one part; an error becomes a gap, and the part is `nothing`."""
        try:
            return await ask()
        except (QemuDiedError, HostLacksError):
            raise
        except (QcompatError, ValueError, LookupError) as error:
            self.gaps.append(Gap(name, str(error)))
            return nothing

    def died(self, error: QemuDiedError) -> None:
        """QEMU ended unexpectedly: a gap where there is a stream, a refusal where there is none."""
        if self.stream is None and self.refusal is None:
            self.refusal = Refusal("crash", error.message)
        self.gaps.append(Gap("after a crash", error.message))
        self.log = error.log

    @property
    def has_crashed(self) -> bool:
        """Whether QEMU ended before it gave a stream, and did not say that it refuses the guest."""
        return self.refusal is not None and self.refusal.stage == "crash"

    @property
    def never_loads(self) -> bool:
        """Whether every load of the build's own stream failed."""
        return bool(self.own_loads) and "loaded" not in self.own_loads

    def add_loads(self, other: Draft) -> None:
        """Count also how another start's stream was loaded."""
        ends = other.own_loads or ({other.own_load.kind: 1} if other.own_load else {})
        for kind, times in ends.items():
            self.own_loads[kind] = self.own_loads.get(kind, 0) + times

    def varies(self, crash: str, times: int) -> None:
        """What was found here is no fact: `times` attempts before this one crashed."""
        self.stream = None
        self.refusal = Refusal("unread", f"QEMU crashed in {times} of {times + 1} tries: {crash}")

    def portrait(
        self, build: Build, guest: Guest, facts: BuildFacts, moment: Moment, accel: Accel
    ) -> Portrait:
        """The portrait that these parts make."""
        return Portrait(
            build=build.name,
            identity=build.identity,
            guest=guest,
            moment=moment,
            accel=accel,
            machine=self.machine,
            devices=self.devices,
            stream=self.stream,
            pci=self.pci,
            virtio=self.virtio,
            memory=self.memory,
            cpu=self.cpu,
            firmware=self.firmware,
            facts=facts,
            own_load=self.own_load,
            own_loads=self.own_loads,
            refusal=self.refusal,
            gaps=tuple(self.gaps),
            log=self.log[-_LOG_KEPT:],
        )
