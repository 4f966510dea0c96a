"""Options as they are written for QEMU: JSON for devices and their like, as libvirt does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from qcompat.guest.given.domain.device import Address, Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import count, part

Value = str | int | bool | list[int] | list[dict[str, object]] | dict[str, object] | None
Fields = Mapping[str, Value]
Words = Iterator[str]

_SCSI_BY_UNIT = frozenset({"lsilogic", "ncr53c90", "dc390", "am53c974"})


def option(name: str, fields: Fields) -> Words:
    """`-name {…}`; fields without a value are left out."""
    yield f"-{name}"
    yield json.dumps({k: v for k, v in fields.items() if v is not None}, separators=(",", ":"))


def device(domain: Domain, fields: Fields) -> Words:
    """`-device {…}`, with what <qemu:override> says of the device."""
    from qcompat.guest.given.domain.line.extensions import overridden

    given = {key: value for key, value in fields.items() if value is not None}
    yield from option("device", overridden(domain, given))


def escaped(text: str) -> str:
    """A value of a `key=value` option."""
    return text.replace(",", ",,")


def positive(value: int | None) -> int | None:
    """A number that is only said if it is not 0."""
    return value or None


def placed(domain: Domain, device: Device) -> dict[str, Value]:
    """The fields that say where a device is."""
    at = device.address
    if at is None:
        return {}
    if at.kind == "pci":
        index = count(part(device.element, "acpi"), "index")
        return {**_on_pci(domain, at), "acpi-index": positive(index)}
    if at.kind == "usb":
        bus = domain.controller("usb", at.bus)
        port = ".".join(map(str, at.port))
        return {"bus": f"{bus.alias if bus else 'usb'}.0", "port": port or None}
    if at.kind == "isa":
        return {"iobase": at.base or 0, "irq": positive(at.irq)}
    if at.kind == "dimm":
        return {"slot": at.slot, "addr": positive(at.base)}
    if at.kind == "drive":
        return _on_drive_bus(domain, device, at)
    if at.kind == "virtio-serial":
        controller = domain.controller("virtio-serial", at.controller)
        alias = controller.alias if controller else f"virtio-serial{at.controller}"
        return {"bus": f"{alias}.{at.bus}", "nr": at.unit}
    return {}


def _on_pci(domain: Domain, at: Address) -> dict[str, Value]:
    bus = domain.controller("pci", at.bus)
    name = bus.alias if bus else f"pci.{at.bus}"
    if bus and name.startswith("ua-"):
        name = {"pci-root": "pci.0", "pcie-root": "pcie.0"}.get(bus.model, name)
    place = f"0x{at.slot:x}" + (f".0x{at.function:x}" if at.function else "")
    return {"bus": name, "multifunction": at.multifunction, "addr": place}


def _on_drive_bus(domain: Domain, device: Device, at: Address) -> dict[str, Value]:
    bus = device.bus or "scsi"
    if bus == "fdc":
        return {"unit": at.unit}
    if bus == "ide":
        ide = "ide" if domain.is_i440fx else _alias(domain, "ide", at.controller)
        return {"bus": f"{ide}.{at.bus}", "unit": at.unit}
    if bus == "sata":
        is_own = domain.is_q35 and at.controller == 0
        return {"bus": f"{'ide' if is_own else _alias(domain, 'sata', at.controller)}.{at.unit}"}
    controller = domain.controller("scsi", at.controller)
    alias = _alias(domain, "scsi", at.controller)
    if controller and controller.model in _SCSI_BY_UNIT:
        return {"bus": f"{alias}.{at.bus}", "scsi-id": at.unit}
    return {"bus": f"{alias}.0", "channel": at.bus, "scsi-id": at.target, "lun": at.unit}


def _alias(domain: Domain, type_: str, index: int) -> str:
    found = domain.controller(type_, index)
    return found.alias if found else f"{type_}{index}"
