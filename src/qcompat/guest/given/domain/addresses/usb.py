"""USB ports for devices that have none, with hubs where the ports do not suffice.

(libvirt: src/conf/domain_addr.c, virDomainUSBAddressAssign; src/qemu/qemu_domain_address.c)
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.given.domain.device import Address, Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import count, part

_HUB_PORTS = 8
_DEPTH = 4
_PORTS = {"ehci": 6, "ich9-ehci1": 6, "pci-ohci": 3, "nec-xhci": 4, "qemu-xhci": 4}
_PIIX = 2
_USB_TYPES = {
    "hostdev": ("usb",),
    "controller": ("ccid",),
    "serial": ("usb-serial",),
    "sound": ("usb",),
}
_COMPANIONS = frozenset({"ich9-uhci1", "ich9-uhci2", "ich9-uhci3", "none"})


class _Hub(msgspec.Struct):
    ports: int
    taken: set[int] = set()
    hubs: dict[int, _Hub] = {}

    def free(self, depth: int = 1) -> tuple[int, ...] | None:
        """The path of a free port: first of its own, then of the hubs in it."""
        own = next((port for port in range(1, self.ports + 1) if port not in self.taken), None)
        if own:
            return (own,)
        if depth < _DEPTH:
            for port, hub in sorted(self.hubs.items()):
                if deeper := hub.free(depth + 1):
                    return (port, *deeper)
        return None


def assign(domain: Domain) -> None:
    """Give every USB device a port. Errors: GuestError where there is none."""
    _add_hubs(domain)
    buses = {
        device.index or 0: _Hub(_ports_of(device), set(), {})
        for device in domain.controllers("usb")
        if _ports_of(device)
    }
    for hub in domain.all("hub"):
        if (at := hub.at("usb")) and at.port:
            _reserve(buses, at, is_hub=True)
    for device in _users(domain):
        if device.tag != "hub" and (at := device.at("usb")) and at.port:
            _reserve(buses, at)
    for hub in domain.all("hub"):
        if not ((at := hub.at("usb")) and at.port):
            hub.address = _next(buses, hub)
            _reserve(buses, hub.address, is_hub=True)
    for device in _users(domain):
        if device.tag != "hub" and not ((at := device.at("usb")) and at.port):
            device.address = _next(buses, device)
            _reserve(buses, device.address)


def _add_hubs(domain: Domain) -> None:
    available = sum(map(_ports_of, domain.controllers("usb")))
    available += _HUB_PORTS * len(domain.all("hub"))
    needed = sum(1 for _ in _users(domain))
    if needed > available and available:
        for _ in range(-(-(needed - available + 1) // (_HUB_PORTS - 1))):
            domain.all("hub").append(Device("hub", Element("hub", {"type": "usb"}), type="usb"))


def _ports_of(device: Device) -> int:
    if device.model in _COMPANIONS:
        return 0
    given = count(device.element, "ports") if device.model.endswith("xhci") else None
    return given if given is not None else _PORTS.get(device.model, _PIIX)


def _users(domain: Domain) -> Iterator[Device]:
    return (device for device in domain.placed() if _is_usb(device))


def _is_usb(device: Device) -> bool:
    """(src/conf/domain_conf.c, virDomainDeviceIsUSB)"""
    if device.tag in {"disk", "input"}:
        return device.bus == "usb"
    if device.tag == "filesystem":
        return part(device.element, "driver").get("type") == "mtp"
    if device.tag == "redirdev":
        return device.element.get("bus") == "usb"
    if device.tag == "interface":
        return device.model == "usb-net"
    return device.tag == "hub" or (device.type or device.model) in _USB_TYPES.get(device.tag, ())


def _reserve(buses: dict[int, _Hub], at: Address, *, is_hub: bool = False) -> None:
    hub = buses.get(at.bus)
    for port in at.port[:-1]:
        hub = hub.hubs.get(port) if hub else None
    last = at.port[-1]
    if hub is None or not 1 <= last <= hub.ports:
        path = ".".join(map(str, at.port))
        raise GuestError(f"there is no USB port {path} on bus {at.bus}", "correct the <address>")
    if is_hub:
        hub.hubs[last] = _Hub(_HUB_PORTS, set(), {})
    hub.taken.add(last)


def _next(buses: dict[int, _Hub], device: Device) -> Address:
    at = device.at("usb")
    for number, hub in sorted(buses.items()):
        if (at is None or at.bus == number) and (path := hub.free()):
            return Address("usb", bus=number, port=path)
    raise GuestError(f"there is no free USB port for a <{device.tag}>", "add a <controller>")
