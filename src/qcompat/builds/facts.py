"""What one build can do, without any guest: machine types, device types, state descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from qcompat.builds.build import BuildIdentity

Accel = Literal["kvm", "tcg"]
ACCELERATORS: tuple[Accel, ...] = ("kvm", "tcg")
"""Those that qcompat can use, the faster one first."""


class MachineFact(msgspec.Struct, frozen=True):
    """One machine type as `query-machines` reports it; `alias` is empty where there is none."""

    name: str
    alias: str = ""
    is_default: bool = False
    deprecated: bool = False


class DeviceFact(msgspec.Struct, frozen=True):
    """One line of `-device help`: a type that a user can create. `bus` is empty for none."""

    type: str
    bus: str = ""
    alias: str = ""
    description: str = ""


class StateField(msgspec.Struct, frozen=True):
    """A field of a state description as `-dump-vmstate` prints it.

    `version` is the description version from which the field is sent; `conditional` says that
    a test function decides instead. `size` is bytes of one element in the host structure.
    `count` is the length of a fixed array; 1 also where the build does not say (before 9.1).
    """

    name: str
    size: int
    version: int = 0
    conditional: bool = False
    count: int = 1
    description: StateDescription | None = None


class StateDescription(msgspec.Struct, frozen=True):
    """A `VMStateDescription`: what a build can read and write for one kind of section."""

    name: str
    version: int
    minimum_version: int
    fields: tuple[StateField, ...] = ()
    subsections: tuple[StateDescription, ...] = ()


class BuildFacts(msgspec.Struct, frozen=True):
    """Everything asked of one build once, and cached by its identity.

    `states` maps a section's state name (`virtio-net`, the part of the section id after the
    device path) to its description; only classes of devices are in it, so a name that is
    absent proves nothing (`-dump-vmstate` leaves out CPUs, timers, virtio's own state).
    `type_states` maps a device type to its key in `states`: types that share a state name
    but not its description have one of the form `NAME@TYPE`.
    `names` are the strings of the binary and its modules that can be names of states and
    subsections: a subsection whose name is not among them is unknown to the build.
    `markers` says for each behaviour that qcompat knows how to recognise whether the build
    has it (see `builds/learn/markers.toml`); a marker that could not be decided is absent.
    `accelerators` are those that the build has and can load, whether or not this machine has KVM.
    `lost` names the parts that could not be learned, each with the reason: they are empty, and
    what is missing in them proves nothing.
    """

    identity: BuildIdentity
    machines: tuple[MachineFact, ...]
    devices: tuple[DeviceFact, ...]
    states: Mapping[str, StateDescription]
    names: frozenset[str]
    markers: Mapping[str, bool]
    type_states: Mapping[str, str] = {}
    lost: Mapping[str, str] = {}
    accelerators: tuple[Accel, ...] = ()
