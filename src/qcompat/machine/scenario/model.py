"""The nouns of a scenario.

Values are text as QEMU's command line has them: `on`, `off`, decimal numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from qcompat.machine.model import CompatEntry

Answer = Literal["ok", "drift", "blocked", "unknown"]
Check = Literal["equal", "at-least", "none"]
Travels = Literal["no", "until-reset", "until-power-off"]
Then = Literal["", "reset", "power-off"]
When = Literal["before", "after"]
Settings = Mapping[str, Mapping[str, str]]
"""Values by type, then by property: defaults of a build, or `-global` options."""


class Visible(msgspec.Struct, frozen=True):
    """Something that guests see and that can differ between builds.

    Devices of type `of` have it. Its value is that of `property`, unless a build's
    behaviour fixes it; the value `auto` means the guest's number of processors. A target with
    the check `equal` refuses any value but its own, with `at-least` one that is above its own
    (`off` is below `on`), with `none` it takes all. A value that `travels` comes with the
    stream, and the guest keeps it that long; otherwise the guest sees the target's at once.
    Where a host lacks `feature`, `on` becomes `off`. `words` names it for the reader.
    """

    name: str
    of: str
    words: str
    property: str = ""
    check: Check = "equal"
    travels: Travels = "no"
    feature: str = ""
    refusal: str = ""


class DeviceType(msgspec.Struct, frozen=True):
    """A device type: its ancestors and interfaces, and the types of the devices inside it."""

    name: str
    ancestors: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class Build(msgspec.Struct, frozen=True):
    """A build: `defaults` are class defaults, which also define the properties that it has.

    `tables` are named as in QEMU (`hw_compat_7_2`) and apply to machine types of that release
    and older ones. `behaviour` holds what no property controls, `checks` where this build as
    a target is stricter or laxer than usual, `lacks` device types that it does not have.
    """

    name: str
    version: str
    machines: tuple[str, ...]
    defaults: Settings = {}
    tables: Mapping[str, tuple[CompatEntry, ...]] = {}
    behaviour: Mapping[str, str] = {}
    checks: Mapping[str, Check] = {}
    lacks: tuple[str, ...] = ()


class Device(msgspec.Struct, frozen=True):
    """A `-device` option: `properties` are its own."""

    name: str
    type: str
    properties: Mapping[str, str] = {}


class Guest(msgspec.Struct, frozen=True):
    """A guest, as far as it matters here."""

    name: str
    machine: str
    devices: tuple[Device, ...]
    cpus: int = 1


class End(msgspec.Struct, frozen=True):
    """Where a guest can run: a build, a host (empty: one with every feature), `-global` options."""

    name: str
    build: str
    host: str = ""
    set: Settings = {}


class Stop(msgspec.Struct, frozen=True):
    """One end that a guest runs at, and what happens to it there.

    `keeps` names the values that, by what the guest does there, stay until it powers off.
    """

    end: End
    then: Then = ""
    keeps: tuple[str, ...] = ()


class Chain(msgspec.Struct, frozen=True):
    """The history of a guest, from its power-on at the first stop."""

    name: str
    guest: str
    stops: tuple[Stop, ...]


class Expected(msgspec.Struct, frozen=True):
    """A verdict that the author expects for a pair of ends, or for a chain."""

    when: When
    verdict: Answer
    guest: str = ""
    source: str = ""
    target: str = ""
    chain: str = ""


class Inventory(msgspec.Struct, frozen=True):
    """All builds, hosts, guests and ends at one time, in the order of the file."""

    visible: Mapping[str, Visible]
    types: Mapping[str, DeviceType]
    builds: Mapping[str, Build]
    hosts: Mapping[str, frozenset[str]]
    guests: Mapping[str, Guest]
    ends: tuple[End, ...]
    chains: tuple[Chain, ...]


class Scenario(msgspec.Struct, frozen=True):
    """A file: everything before its fix and, where it has one, after it."""

    title: str
    before: Inventory
    after: Inventory | None = None
    fix: str = ""
    expected: tuple[Expected, ...] = ()
