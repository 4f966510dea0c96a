"""What was observed of a running guest: much of a portrait, and what its drivers negotiated.

It is not a portrait: it has no stream, and configuration space cannot be read from outside
without disturbing the guest.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.portrait.portrait import Device, FeatureWord, Gap, MemoryBlock


class QueueNow(msgspec.Struct, frozen=True):
    """A queue's size now, and the size it has after a reset."""

    size: int
    default: int


class VirtioNow(msgspec.Struct, frozen=True):
    """A virtio device with its driver.

    `path` is that of the device as in `Device`, `address` its PCI path. `agreed` are the features
    that the driver accepted, 0 before it did; `unnamed` are those that QEMU gave a name not known
    here. `queues` are those that exist, by index. None: it could not be asked.
    """

    path: str
    address: str
    queues: Mapping[int, QueueNow]
    device_id: int = 0
    is_driven: bool | None = None
    agreed: int | None = None
    unnamed: tuple[str, ...] = ()


Value = bool | int | float | str


class Peripheral(msgspec.Struct, frozen=True):
    """A device that a `-device` or a `device_add` made; memory modules and processors too.

    `path` is QEMU's own (`/machine/peripheral/ID`), `bus` that of the bus it is on, empty where it
    is on none. `is_plugged`: it came after the start. `place` is where it is, in the properties
    that put it there (`addr`, `port`, `socket-id`, …), `backends` the name of each back end by
    property. `properties` are all others, read only of what was plugged.
    """

    path: str
    type: str
    is_plugged: bool
    bus: str = ""
    place: Mapping[str, Value] = {}
    backends: Mapping[str, str] = {}
    properties: Mapping[str, Value] = {}

    @property
    def id(self) -> str:
        """The user's id; empty for one without."""
        room, _, name = self.path.rpartition("/")
        return name if room == NAMED else ""

    @property
    def name(self) -> str:
        """For a reader: its type, and its id where it has one."""
        return f'{self.type} "{self.id}"' if self.id else self.type

    @property
    def number(self) -> int:
        """Of a device without an id, how many such were made before it; -1 for any other."""
        room, _, name = self.path.rpartition("/")
        digits = name.removeprefix("device[").removesuffix("]")
        return int(digits) if room == ANONYMOUS and digits.isdecimal() else -1

    @property
    def bus_name(self) -> str:
        """The bus as `bus=` names it; empty where it is on none."""
        return self.bus.rpartition("/")[2]


HOT_PLUG = "hot plug"
"""The part in a gap that says why it is not known what came and went since the start."""
NAMED, ANONYMOUS = "/machine/peripheral", "/machine/peripheral-anon"


class Processor(msgspec.Struct, frozen=True):
    """A place for a processor; `path` is that of the one in it, empty where there is none."""

    place: Mapping[str, Value]
    path: str = ""


class BlockNode(msgspec.Struct, frozen=True):
    """A block node: its name, driver, file as QEMU writes it; the drive that it is in, if any.

    `size` is that of its contents in bytes.
    """

    name: str
    driver: str
    file: str
    is_read_only: bool = False
    drive: str = ""
    has_write_cache: bool = True
    size: int = 0


class BackEnds(msgspec.Struct, frozen=True):
    """The back ends that there are now, each as far as QEMU tells.

    `networks` and `characters` by id, in QEMU's own words; `objects` by id, each with its
    properties and its type as `qom-type`. Those of secrets are never read.
    """

    networks: Mapping[str, tuple[str, ...]] = {}
    characters: Mapping[str, str] = {}
    nodes: tuple[BlockNode, ...] = ()
    objects: Mapping[str, Mapping[str, Value]] = {}


class Observed(msgspec.Struct, frozen=True):
    """A running guest.

    `version` and `package` are its QEMU's, as in `BuildIdentity`. `arguments` are those of its
    process, empty where they could not be read. `status` is QEMU's own word (`running`, `paused`,
    `inmigrate`), `migration` that of `query-migrate` (empty: none was started). `accel` is `kvm`
    or `tcg`.
    """

    version: str
    package: str
    machine: str
    accel: str
    status: str
    name: str = ""
    uuid: str = ""
    migration: str = ""
    pid: int | None = None
    arguments: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    memory: tuple[MemoryBlock, ...] = ()
    cpu_type: str = ""
    cpu_count: int = 0
    cpu_words: tuple[FeatureWord, ...] = ()
    virtio: tuple[VirtioNow, ...] = ()
    peripherals: tuple[Peripheral, ...] = ()
    processors: tuple[Processor, ...] = ()
    backends: BackEnds = BackEnds()
    gaps: tuple[Gap, ...] = ()
