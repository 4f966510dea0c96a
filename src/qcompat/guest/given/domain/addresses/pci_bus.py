"""PCI buses with their slots, and finding a free one (libvirt: src/conf/domain_addr.c)."""

from __future__ import annotations

from enum import IntFlag

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.given.domain.device import Address

_LAST_SLOT = 31
_MOST_BUSES = 512


class Connects(IntFlag):
    """What a device plugs into, and what a bus takes; the last four are no types."""

    PCI = 1
    EXPRESS = 2
    ROOT_PORT = 4
    UPSTREAM = 8
    DOWNSTREAM = 16
    DMI_BRIDGE = 32
    EXPRESS_TO_PCI = 64
    BRIDGE = 128
    EXPANDER = 256
    EXPRESS_EXPANDER = 512
    TYPES = 1023
    AUTO = 1024
    HOTPLUG = 2048
    AGGREGATE = 4096
    INTEGRATED = 8192


_PCI_BUS = Connects.AUTO | Connects.PCI | Connects.BRIDGE
_PORT = Connects.AUTO | Connects.EXPRESS | Connects.UPSTREAM | Connects.EXPRESS_TO_PCI
_ROOT = Connects.EXPRESS | Connects.ROOT_PORT | Connects.DMI_BRIDGE | Connects.EXPRESS_EXPANDER
# What each bus takes, its first and its last slot.
_BUSES: dict[str, tuple[Connects, int, int]] = {
    "pci-root": (_PCI_BUS | Connects.EXPANDER, 1, _LAST_SLOT),
    "pci-bridge": (_PCI_BUS, 1, _LAST_SLOT),
    "pci-expander-bus": (_PCI_BUS, 0, _LAST_SLOT),
    "pcie-root": (_ROOT, 1, _LAST_SLOT),
    "dmi-to-pci-bridge": (Connects.PCI | Connects.BRIDGE, 0, _LAST_SLOT),
    "pcie-to-pci-bridge": (_PCI_BUS, 1, _LAST_SLOT),
    "pcie-root-port": (_PORT, 0, 0),
    "pcie-switch-downstream-port": (_PORT, 0, 0),
    "pcie-switch-upstream-port": (Connects.DOWNSTREAM, 0, _LAST_SLOT),
    "pcie-expander-bus": (Connects.ROOT_PORT | Connects.DMI_BRIDGE, 0, _LAST_SLOT),
}
CONTROLLERS: dict[str, Connects] = {
    "pci-bridge": Connects.BRIDGE,
    "pci-expander-bus": Connects.EXPANDER,
    "pcie-expander-bus": Connects.EXPRESS_EXPANDER,
    "dmi-to-pci-bridge": Connects.DMI_BRIDGE,
    "pcie-to-pci-bridge": Connects.EXPRESS_TO_PCI,
    "pcie-root-port": Connects.ROOT_PORT | Connects.AGGREGATE,
    "pcie-switch-upstream-port": Connects.UPSTREAM,
    "pcie-switch-downstream-port": Connects.DOWNSTREAM,
}
"""What each controller plugs into."""


class Bus(msgspec.Struct):
    """A bus: `functions` are the taken functions of each slot, `aggregates` the slots whose
    functions are root ports.
    """

    model: str
    takes: Connects
    first: int
    last: int
    functions: dict[int, int] = {}
    aggregates: set[int] = set()

    def find(self, number: int, wants: Connects, function: int) -> Address | None:
        """A free place for a device; `function` -1: any of a slot of root ports, else 0."""
        if not self._fits(wants, number, is_given=False):
            return None
        wanted = max(function, 0)
        for slot in range(self.first, self.last + 1):
            taken = self.functions.get(slot, 0)
            if not taken:
                return Address("pci", bus=number, slot=slot, function=wanted)
            if wants & Connects.AGGREGATE and slot in self.aggregates:
                free = range(8) if function == -1 else (wanted,)
                for each in free:
                    if not taken & 1 << each:
                        return Address("pci", bus=number, slot=slot, function=each)
        return None

    def reserve(self, address: Address, wants: Connects, *, is_given: bool) -> None:
        """Take a place. Errors: GuestError for one that is taken, or does not fit."""
        if not self._fits(wants, address.bus, is_given=is_given):
            raise GuestError(
                f"the PCI address {_shown(address)} is on a bus that does not take such a device",
                "correct the <address>, or leave it out: libvirt assigns one",
            )
        taken = self.functions.get(address.slot, 0)
        if taken & 1 << address.function:
            raise GuestError(
                f"the PCI address {_shown(address)} is given twice", "correct one <address>"
            )
        if not taken and wants & Connects.AGGREGATE:
            self.aggregates.add(address.slot)
        self.functions[address.slot] = taken | 1 << address.function

    def _fits(self, wants: Connects, number: int, *, is_given: bool) -> bool:
        takes = self.takes
        endpoints = Connects.PCI | Connects.EXPRESS
        if wants & Connects.INTEGRATED:
            if number:
                return False
            takes |= Connects.PCI | Connects.AUTO
        if is_given:
            takes |= endpoints if takes & endpoints else Connects(0)
            wants |= Connects.PCI if wants & Connects.BRIDGE else Connects(0)
        elif wants & Connects.AUTO and not takes & Connects.AUTO:
            return False
        return bool(wants & takes & Connects.TYPES)


def _shown(address: Address) -> str:
    return f"{address.bus:02x}:{address.slot:02x}.{address.function}"


class Buses(msgspec.Struct):
    """All buses of a guest. With `grows` further ones are added where they are needed."""

    buses: list[Bus]
    grows: bool

    def is_taken(self, slot: int) -> bool:
        """Whether a slot of the first bus is in use."""
        return bool(self.buses and self.buses[0].functions.get(slot))

    def reserve(self, address: Address, wants: Connects) -> None:
        """Take the place that an address names. Errors: GuestError."""
        self._grow(address.bus, wants)
        if address.bus >= len(self.buses):
            raise GuestError(f"there is no PCI bus {address.bus}", "correct the <address>")
        self.buses[address.bus].reserve(address, wants, is_given=True)

    def next(self, wants: Connects, function: int = -1) -> Address:
        """Find and take a free place. Errors: GuestError where there is none."""
        for number, bus in enumerate(self.buses):
            if found := bus.find(number, wants, function):
                bus.reserve(found, wants, is_given=False)
                return found
        if not self.grows:
            raise GuestError("there is no free PCI slot for a device", "add a <controller>")
        number = self._grow(len(self.buses), wants)
        found = Address("pci", bus=number, slot=self.buses[number].first, function=max(function, 0))
        self.buses[number].reserve(found, wants, is_given=False)
        return found

    def _grow(self, number: int, wants: Connects) -> int:
        """Have the bus with that number; which one it became, since bridges may come before."""
        missing = number - len(self.buses) + 1
        if missing <= 0 or not self.grows:
            return number
        if len(self.buses) + missing > _MOST_BUSES:
            raise GuestError(f"{number} is no PCI bus that a guest can have", "correct it")
        if wants & Connects.PCI:
            model = "pci-bridge"
            has_pci = any(bus.takes & Connects.BRIDGE for bus in self.buses)
            if not has_pci:
                self.buses.append(bus_of("pcie-root-port"))
                self.buses[-1].takes = Connects.EXPRESS_TO_PCI
                self.buses.append(bus_of("pcie-to-pci-bridge"))
                number += missing == 1
        elif wants & (Connects.EXPRESS | Connects.UPSTREAM):
            model = "pcie-root-port"
        else:
            raise GuestError("a PCI controller has no bus to be on", "add its <address>")
        while len(self.buses) <= number:
            self.buses.append(bus_of(model))
        return number


def bus_of(model: str, *, is_hotpluggable: bool = True) -> Bus:
    """An empty bus. Errors: GuestError for a model that libvirt does not have."""
    if model not in _BUSES:
        raise GuestError(f"{model!r} is no model of a PCI controller", ", ".join(_BUSES))
    takes, first, last = _BUSES[model]
    if is_hotpluggable and takes & Connects.AUTO:
        takes |= Connects.HOTPLUG
    return Bus(model, takes, first, last, {}, set())
