"""The PCI slots that the chipset's own devices take, and those that a primary display gets.

(libvirt: src/qemu/qemu_domain_address.c, qemuDomainValidateDevicePCISlotsPIIX3 and …Q35)
"""

from __future__ import annotations

from qcompat.errors import GuestError
from qcompat.guest.given.domain.addresses.pci_bus import Buses, Connects
from qcompat.guest.given.domain.device import Address, Device
from qcompat.guest.given.domain.domain import Domain

_PCI = Connects.AUTO | Connects.PCI
_EXPRESS = Connects.EXPRESS
_WITHOUT_PCI = frozenset({"none", "ramfb"})
_SATA, _ICH9_SOUND = (0x1F, 2), 0x1B
_USB2_SLOTS = (0x1D, 0x1A)
_DMI_BRIDGE = 0x1E


def reserve_chipset(domain: Domain, buses: Buses) -> None:
    """Take the places of the chipset. Errors: GuestError where another device has one."""
    if domain.is_i440fx:
        _piix3(domain, buses)
    elif domain.is_q35:
        _q35(domain, buses)


def _piix3(domain: Domain, buses: Buses) -> None:
    for device in domain.all("controller"):
        if device.index != 0:
            continue
        if device.type == "ide":
            _fix(device, buses, 1, 1, _PCI)
        elif device.type == "usb" and device.model == "piix3-uhci":
            _fix(device, buses, 1, 2, _PCI)
    for function in (0, 3):
        buses.reserve(Address("pci", slot=1, function=function), _PCI)
    _primary_video(domain, buses, 2, _PCI)


def _fix(device: Device, buses: Buses, slot: int, function: int, wants: Connects) -> None:
    """The one place that a device of the chipset can have."""
    place = Address("pci", slot=slot, function=function)
    at = device.at("pci")
    if at and (at.bus, at.slot, at.function) != (0, slot, function):
        raise GuestError(
            f"the first {device.type} controller has another PCI address than the chipset's",
            f"it is at 0000:00:{slot:02x}.{function}",
        )
    device.address = at or place
    buses.reserve(device.address, wants)


def _primary_video(domain: Domain, buses: Buses, slot: int, wants: Connects) -> None:
    videos = domain.all("video")
    if not videos or videos[0].model in _WITHOUT_PCI or videos[0].address is not None:
        return
    if buses.is_taken(slot):
        videos[0].address = buses.next(Connects(videos[0].connects))
        return
    videos[0].address = Address("pci", slot=slot)
    buses.reserve(videos[0].address, wants)


def _q35(domain: Domain, buses: Buses) -> None:
    for device in domain.all("controller"):
        if device.type == "sata" and device.index == 0:
            device.address = device.address or Address("pci", slot=_SATA[0], function=_SATA[1])
            if not buses.buses[0].functions.get(_SATA[0], 0) & 1 << _SATA[1]:
                buses.reserve(device.address, _EXPRESS)
        elif device.model == "ich9-uhci1" and device.address is None:
            free = next((slot for slot in _USB2_SLOTS if not buses.is_taken(slot)), None)
            if free is not None:
                device.address = Address("pci", slot=free, multifunction=True)
                buses.reserve(device.address, _EXPRESS)
        elif device.model == "dmi-to-pci-bridge" and _is_free(device, buses):
            device.address = Address("pci", slot=_DMI_BRIDGE)
            buses.reserve(device.address, _EXPRESS)
    buses.reserve(Address("pci", slot=0x1F, multifunction=True), _EXPRESS)
    buses.reserve(Address("pci", slot=0x1F, function=3), _EXPRESS)
    _primary_video(domain, buses, 1, _EXPRESS)
    if not buses.is_taken(_ICH9_SOUND):
        for device in domain.all("sound"):
            if device.model == "ich9" and device.address is None:
                device.address = Address("pci", slot=_ICH9_SOUND)
                buses.reserve(device.address, _EXPRESS)
                break


def _is_free(bridge: Device, buses: Buses) -> bool:
    return bridge.address is None and not buses.is_taken(_DMI_BRIDGE)
