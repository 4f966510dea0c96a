"""The address that the XML of a device gives."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.errors import GuestError
from qcompat.guest.given.domain.device import Address, Kind
from qcompat.guest.given.domain.values import count, number, part, switch

_KINDS: dict[str, Kind] = {
    "pci": "pci",
    "drive": "drive",
    "usb": "usb",
    "virtio-serial": "virtio-serial",
    "virtio-mmio": "virtio-mmio",
    "ccid": "ccid",
    "isa": "isa",
    "dimm": "dimm",
    "unassigned": "unassigned",
}
_LARGEST = {"bus": 0xFF, "slot": 0x1F, "function": 7}


def address_of(element: Element) -> Address | None:
    """The <address> of a device; None where it has none, or one without content.

    Errors: GuestError for a number that is none, or out of range.
    """
    given = part(element, "address")
    type_ = given.get("type", "")
    if not type_:
        return None
    if type_ == "pci" and not any(given.get(key) for key in ("bus", "slot", "function")):
        return None
    address = Address(_KINDS.get(type_, "other"))
    for name in ("controller", "bus", "target", "unit", "slot", "function"):
        setattr(address, name, count(given, name) or 0)
    if type_ == "virtio-serial":
        address.unit = count(given, "port") or 0
    if type_ == "usb":
        ports = given.get("port", "")
        address.port = tuple(number(each, "a USB port") or 0 for each in ports.split(".") if each)
    if type_ == "pci":
        address.multifunction = switch(given, "multifunction")
        _refuse_too_large(address)
    address.base = count(given, "base" if type_ == "dimm" else "iobase")
    address.irq = count(given, "irq")
    return address


def _refuse_too_large(address: Address) -> None:
    for name, largest in _LARGEST.items():
        value = getattr(address, name)
        if not 0 <= value <= largest:
            raise GuestError(f"{value:#x} is no {name} of a PCI address", f"0 to {largest:#x}")
