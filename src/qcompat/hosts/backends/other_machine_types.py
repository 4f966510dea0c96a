"""What a device's properties are under a build's other machine types.

They come from the build's own tables: those that qcompat has stored, else those that the build
reports (from 9.1 on). Of an older build that qcompat does not know, the device is known only on
the machine type that it was started on.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.arch.machine_type import versioned
from qcompat.builds.build import Build
from qcompat.errors import FileFormatError, QemuError
from qcompat.hosts.backends.model import DeviceOffer
from qcompat.hosts.devices.features import kind_of
from qcompat.local.home import cache_home
from qcompat.machine.ask.tables import ask_tables
from qcompat.machine.model import CompatEntry
from qcompat.machine.store import place_of, read_facts, shipped
from qcompat.machine.tables import Tables
from qcompat.machine.value import canonical

SWITCH = ("on", "off")


def values_elsewhere(offer: DeviceOffer, tables: Tables) -> DeviceOffer:
    """The offer with the values that its properties have on the build's other machine types.

    Only versioned machine types; one that is not in the result is unknown.
    """
    if offer.machine not in tables:
        return offer
    drivers = _drivers(offer.device)
    machines = {
        name: _changes(entries, drivers, offer.properties)
        for name, entries in sorted(tables.items())
        if versioned(name) is not None
    }
    return msgspec.structs.replace(offer, machines=machines)


async def tables_of(build: Build) -> Tables:
    """The compat tables of a build; empty where only a long gathering would give them."""
    return _stored(build) or await _asked(build)


def _drivers(type_: str) -> frozenset[str]:
    """The drivers of entries that reach a device: its proxy's types and those of what is inside.

    (hw/virtio/virtio-pci.c, virtio_pci_types_register; entries of plain `device` are about none
    of the properties in question.)
    """
    kind = kind_of(type_)
    inner = {f"{kind.name}-device"} if kind else set()
    return frozenset({type_, f"{type_}-base", "virtio-pci", "virtio-device", *inner})


def _changes(
    table: tuple[CompatEntry, ...], drivers: frozenset[str], here: Mapping[str, str]
) -> dict[str, str]:
    said = {
        each.property: canonical(each.value, "bool" if here.get(each.property) in SWITCH else "")
        for each in table
        if each.driver in drivers
    }
    return {
        name: said[name] for name in sorted(said.keys() & here.keys()) if said[name] != here[name]
    }


def _stored(build: Build) -> Tables:
    known = shipped().get(build.name)
    for place in (known, place_of(build, cache_home())):
        if place is None or not place.exists():
            continue
        try:
            facts = read_facts(place, observed=False)
        except FileFormatError:
            continue  # a damaged file is replaced when all facts are gathered
        if facts.identity == build.identity:
            return facts.tables
    return {}


async def _asked(build: Build) -> Tables:
    try:
        return await ask_tables(build) or {}
    except QemuError:
        return {}
