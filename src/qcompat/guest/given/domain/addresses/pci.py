"""PCI addresses for the devices of a domain that have none.

libvirt places them twice: first to see how many buses that takes, then, with a controller for
each of these, in earnest (src/qemu/qemu_domain_address.c, qemuDomainAssignPCIAddresses).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.guest.given.domain.addresses import connects
from qcompat.guest.given.domain.addresses.chipsets import reserve_chipset
from qcompat.guest.given.domain.addresses.pci_bus import Bus, Buses, Connects, bus_of
from qcompat.guest.given.domain.defaults import add_controller
from qcompat.guest.given.domain.device import Address, Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import part, switch

_COMPANIONS = {"ich9-uhci1": 0, "ich9-uhci2": 1, "ich9-uhci3": 2, "ich9-ehci1": 7}
"""The functions of USB 2 controllers that share a slot."""
_HOST_DEVICES = frozenset({"pci", "scsi_host", "mdev"})
_PCI = Connects.AUTO | Connects.PCI
_EXPRESS = Connects.AUTO | Connects.EXPRESS


def assign(domain: Domain) -> None:
    """Give every PCI device an address. Errors: GuestError for addresses that do not work out."""
    connects.fill(domain)
    if not domain.controllers("pci"):
        return
    _add_buses(domain)
    buses = _reserved(domain, grows=False)
    reserve_chipset(domain, buses)
    for device, address in _placed(domain, buses):
        device.address = address
    _mark_multifunction(domain)


def _add_buses(domain: Domain) -> None:
    """The controllers that are missing, found by placing all devices without keeping it."""
    pci = domain.controllers("pci")
    highest = max(each.index or 0 for each in pci)
    buses = _reserved(domain, grows=True)
    kept = {id(device): device.address for device in domain.placed()}
    reserve_chipset(domain, buses)
    if not domain.has_express_root and not all(map(_is_full, buses.buses)):
        buses.next(_PCI)  # libvirt keeps a slot free for hot plug
    for _ in _placed(domain, buses):
        pass
    for device in domain.placed():
        device.address = kept.get(id(device), device.address)
    if highest == 0 and len(buses.buses) > 1 and domain.has_express_root:
        buses.next(_EXPRESS)  # and so it does a port
    number = 1
    while number < len(buses.buses):
        added = add_controller(domain, "pci", number, buses.buses[number].model)
        if added:
            added.connects = connects.of(added, _EXPRESS)
            buses.next(Connects(added.connects))
        number += 1


def _is_full(bus: Bus) -> bool:
    return all(bus.functions.get(slot) for slot in range(bus.first, bus.last + 1))


def _reserved(domain: Domain, *, grows: bool) -> Buses:
    """The buses of the domain's controllers, with what has an address on them."""
    by_number = {each.index or 0: each for each in domain.controllers("pci")}
    usual = "pcie-root-port" if domain.has_express_root else "pci-bridge"
    buses = Buses([], grows)
    for number in range(max(by_number) + 1):
        device = by_number.get(number)
        model = device.model if device else ("pci-root" if not number else usual)
        hotplug = switch(part(device.element, "target"), "hotplug") if device else None
        buses.buses.append(bus_of(model, is_hotpluggable=hotplug is not False))
    for device in domain.placed():
        if (device.tag, device.type) == ("interface", "hostdev"):
            continue  # it is among the host's devices, too
        if (address := device.at("pci")) and not _is_on_chipset(device, address):
            buses.reserve(address, Connects(device.connects or _PCI))
    return buses


def _is_on_chipset(device: Device, address: Address) -> bool:
    """Whether it is a function of the PIIX3, which the chipset's own places reserve."""
    place = (address.bus, address.slot, address.function)
    if device.tag != "controller" or device.index != 0:
        return False
    is_usb = device.type == "usb" and device.model == "piix3-uhci"
    return (device.type == "ide" and place == (0, 1, 1)) or (is_usb and place == (0, 1, 2))


def _placed(domain: Domain, buses: Buses) -> Iterator[tuple[Device, Address]]:
    """The devices without an address, in libvirt's order, with the address that each gets."""
    for device in _in_order(domain):
        if device.address is not None:
            continue
        wants = Connects(device.connects)
        if device.type == "usb" and device.model in _COMPANIONS:
            yield device, _companion(domain, buses, device, wants)
        else:
            yield device, buses.next(wants)


def _companion(domain: Domain, buses: Buses, device: Device, wants: Connects) -> Address:
    function = _COMPANIONS[device.model]
    multifunction = True if function == 0 else None
    others = [
        each.at("pci")
        for each in domain.controllers("usb")
        if each.model in _COMPANIONS and each.index == device.index and each.at("pci")
    ]
    if others and others[-1]:
        address = Address("pci", bus=others[-1].bus, slot=others[-1].slot, function=function)
        buses.reserve(address, wants)
    else:
        address = buses.next(wants, function)
    address.multifunction = multifunction
    return address


def _in_order(domain: Domain) -> Iterator[Device]:
    for device in domain.controllers("pci"):
        if device.model not in {"pci-root", "pcie-root"}:
            yield device
    for tag in ("filesystem", "interface", "sound"):
        yield from _on_pci(domain, tag)
    for device in domain.all("controller"):
        if device.type != "pci" and (device.type, device.index) != ("ide", 0) and device.connects:
            yield device
    yield from _on_pci(domain, "disk")
    for device in domain.all("hostdev"):
        model = device.model or "vfio-pci"
        if device.type in _HOST_DEVICES and (device.type != "mdev" or model == "vfio-pci"):
            yield device
    for tag in ("memballoon", "rng", "watchdog", "video", "shmem", "input", "serial", "iommu"):
        yield from _on_pci(domain, tag)
    for tag in ("vsock", "memory", "crypto", "panic", "pstore"):
        yield from _on_pci(domain, tag)


def _on_pci(domain: Domain, tag: str) -> Iterator[Device]:
    return (device for device in domain.all(tag) if device.connects)


def _mark_multifunction(domain: Domain) -> None:
    """Function 0 of a slot says that there are others."""
    taken = {
        (at.bus, at.slot) for device in domain.placed() if (at := device.at("pci")) and at.function
    }
    for device in domain.placed():
        at = device.at("pci")
        is_first = at is not None and at.function == 0 and (at.bus, at.slot) in taken
        if at and is_first and at.multifunction is None:
            at.multifunction = True
