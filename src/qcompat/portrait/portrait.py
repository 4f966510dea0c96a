"""What a portrait is: everything observable that a build makes of a guest at one moment.

How it is taken is `take`, how it becomes a file `file`, where files are kept `portraits`.
Everything in it was asked of the build or read from its stream; nothing is assumed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.builds.facts import Accel as Accel
from qcompat.builds.facts import BuildFacts
from qcompat.guest.guest import Guest
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.shortage import Shortage, shortage_in
from qcompat.stream.model import Stream

Moment = Literal["reset", "firmware", "booted", "running"]


class Device(msgspec.Struct, frozen=True):
    """One device of the guest, named or built in, as `info qtree` shows it.

    `path` is unique in the guest and stable between builds: bus names and device ids or
    types from the root, such as `main-system-bus/q35-pcihost/pcie.0/02.0/virtio-net-pci`.
    `properties` are QEMU's own spellings of the effective values (`true`, `"e1000"`, `3`).
    `address` is the PCI path that also begins the ids of its stream sections: `0000:00:02.0`
    on the root bus, `0000:00:02.0:00.0` behind the bridge 02.0; empty off PCI.
    """

    path: str
    type: str
    id: str
    bus: str
    address: str
    properties: Mapping[str, str]


class Bar(msgspec.Struct, frozen=True):
    """A base address register: `kind` is `io`, `mem32` or `mem64` (`-prefetch` added), in bytes."""

    index: int
    kind: str
    size: int


class PciFunction(msgspec.Struct, frozen=True):
    """The configuration space of one PCI function, as the guest reads it, with measured masks.

    `address` is as in `Device`. `config` has 256 or 4096 bytes. `writable` has a one for every
    bit that a write of ones, then zeros changed, or is empty where it was not measured.
    """

    address: str
    config: bytes
    writable: bytes = b""
    bars: tuple[Bar, ...] = ()


class VirtioDevice(msgspec.Struct, frozen=True):
    """A virtio device as its driver would find it, read through the transport.

    `device_id` is virtio's number (1 network, 2 block), `features` the offered bits,
    `queue_sizes` the offered (maximum) size of each queue by its index, 0 for one that is not
    there; `config` the device's own configuration space as far as it was read.
    """

    address: str
    device_id: int
    features: int
    queue_sizes: tuple[int, ...]
    config: bytes = b""


class MemoryBlock(msgspec.Struct, frozen=True):
    """A RAM block as the build holds it, in bytes; `maximum` > `used` only for resizable ones."""

    name: str
    used: int
    maximum: int
    page_size: int


class FeatureWord(msgspec.Struct, frozen=True):
    """One CPUID register of feature bits: leaf `eax`, subleaf `ecx` (None: no subleaf)."""

    eax: int
    ecx: int | None
    register: str
    value: int


class Cpu(msgspec.Struct, frozen=True):
    """The guest's processors (all are alike): type, number, feature words, QOM properties.

    `properties` holds every scalar property of the first CPU object, features included
    (`avx2` → `true`, `level` → `13`, `phys-bits` → `40`).
    """

    type: str
    count: int
    words: tuple[FeatureWord, ...]
    properties: Mapping[str, str]


class FirmwareFile(msgspec.Struct, frozen=True):
    """A file that the build offers to the guest's firmware through fw_cfg.

    `size` counts the bytes as offered, `sha256` is their digest. `data` holds them without
    trailing zeros; it is empty for option ROMs, of which only size and digest are kept.
    """

    name: str
    size: int
    sha256: str
    data: bytes = b""


class Refusal(msgspec.Struct, frozen=True):
    """The build did not get as far as a full portrait.

    `stage` is `start` (it refuses the guest), `wait` (it refuses the guest too, but would start
    it to wait for a migration, since some checks come later then), `save` (it starts the guest but
    refuses or fails to migrate it), `unread` (it starts the guest, but its stream could not be
    read: saving took too long, or the stream is beyond our reader) or `crash` (it ended
    unexpectedly). `message` is QEMU's own error, or ours where it is unread.
    """

    stage: Literal["start", "wait", "save", "unread", "crash"]
    message: str

    @property
    def has_started(self) -> bool:
        """Whether the guest ran there, so that all but its state can be compared."""
        return self.stage in ("save", "unread")


class Gap(msgspec.Struct, frozen=True):
    """A part of the portrait that could not be learned: which, and why."""

    part: str
    reason: str


class RefusedOption(msgspec.Struct, frozen=True):
    """An option of the user's own line that the build does not take, while a twin has none of it.

    `words` are the user's, `message` is QEMU's. `kind` is the kind of back end that the build does
    not make, `member` a key that it does not know; both empty where it refuses to read the option.
    `is_module`: only the module may be missing, which a distribution has in a package of its own.
    """

    words: tuple[str, ...]
    message: str
    kind: str = ""
    member: str = ""
    is_module: bool = False


MOMENT = "moment"
"""The part in a gap that says why a portrait shows another moment than was asked for."""


DEVICE_STATE = "device state"
"""The part in a gap that says why a running guest's state is not known."""


class Portrait(msgspec.Struct, frozen=True):
    """What one build makes of one guest at one moment.

    `own_load` is how a second launch of the build loaded its own stream of this guest: what a
    build cannot load from itself it cannot load from any other. None where it was not tried.
    One that fails is tried again; then `own_loads` counts how often each kind of end was seen.
    `refused` are options of the line in which the user gave the guest, where it was asked with one:
    the build does not start with that line as it is.
    `stream` is None only with a `refusal`. `machine` is the concrete machine type. Where a
    part is missing `gaps` says why, and a rule that needs it must answer unknown.
    """

    build: str
    identity: BuildIdentity
    guest: Guest
    moment: Moment
    accel: Accel
    machine: str
    devices: tuple[Device, ...]
    stream: Stream | None
    pci: tuple[PciFunction, ...]
    virtio: tuple[VirtioDevice, ...]
    memory: tuple[MemoryBlock, ...]
    cpu: Cpu | None
    firmware: tuple[FirmwareFile, ...]
    facts: BuildFacts
    own_load: Outcome | None = None
    own_loads: Mapping[str, int] = {}
    refusal: Refusal | None = None
    gaps: tuple[Gap, ...] = ()
    log: str = ""
    refused: tuple[RefusedOption, ...] = ()

    @property
    def twins_moment(self) -> Moment:
        """The moment of the portraits that it is compared with: no twin runs."""
        return "reset" if self.moment == "running" else self.moment

    @property
    def lacks_state(self) -> bool:
        """Whether it is of a running guest, and its stream is that of the twin."""
        return any(gap.part == DEVICE_STATE for gap in self.gaps)

    @property
    def shortage(self) -> Shortage | None:
        """What the machine that took the portrait lacked, where it could not run the guest."""
        if self.refusal is None or self.refusal.has_started:
            return None
        return shortage_in(self.refusal.message, self.log)


def key_of(guest: Guest, moment: Moment, accel: Accel) -> str:
    """The key of a guest's portraits on any build: the first 32 hex digits of a digest.

    Equal guests have equal arguments, so they have one key, however they were written.
    """
    text = "\0".join([moment, accel, str(guest.network_namespace), *guest.arguments])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
