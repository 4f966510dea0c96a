"""The nouns of the property engine: types, properties, compat entries, what was observed.

Values are text in one canonical form (`value.canonical`): `on` and `off`, decimal integers,
everything else as QEMU prints it. `ask` asks a build, `observe`
puts devices into guests, `resolve` applies the layers, `recover` derives tables that a build does
not report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.builds.facts import MachineFact


class CompatEntry(msgspec.Struct, frozen=True, order=True):
    """One row of a compat table: `driver` may be any ancestor type or interface."""

    driver: str
    property: str
    value: str


class TypeFact(msgspec.Struct, frozen=True):
    """A QOM type: its ancestors, nearest first where that is known, and its interfaces.

    `properties` are those that a user may set, with the class default as the build reports it;
    None where it reports none.
    """

    name: str
    ancestors: tuple[str, ...] = ()
    is_abstract: bool = False
    properties: Mapping[str, str | None] = {}


Values = Mapping[str, str]
"""Effective values of one device by property."""


class Observed(msgspec.Struct, frozen=True):
    """What devices show under one machine type: values by device type.

    `defaults` are the devices that the board has by itself, by type (the first of each).
    `skipped` are the types that could not be instantiated, each with the reason.
    """

    machine: str
    devices: Mapping[str, Values]
    defaults: Mapping[str, Values] = {}
    skipped: Mapping[str, str] = {}


class MachineFacts(msgspec.Struct, frozen=True):
    """Everything that is known about the machine types of one build.

    `tables` holds the compat table of each machine type in the order of application: of two
    entries for one property the later wins (the oldest release's). `origin` says where they
    come from. `base` holds, by type, the values of properties that no table sets. `observed` is
    what running devices show, by machine type. `lost` names what could not be learned, with the
    reason. `processors` says where CPU models were asked: what KVM gives them depends on the host's
    processor, what TCG gives on the build, so that models asked on different ones are not compared.
    """

    identity: BuildIdentity
    machines: tuple[MachineFact, ...]
    types: Mapping[str, TypeFact]
    tables: Mapping[str, tuple[CompatEntry, ...]]
    origin: Literal["reported", "recovered"]
    base: Mapping[str, Values] = {}
    observed: Mapping[str, Observed] = {}
    lost: Mapping[str, str] = {}
    processors: str = ""
