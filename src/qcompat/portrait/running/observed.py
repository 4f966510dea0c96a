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
    gaps: tuple[Gap, ...] = ()
