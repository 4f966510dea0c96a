"""One device of a domain, and its address, while the domain is being completed."""

from __future__ import annotations

from typing import Literal
from xml.etree.ElementTree import Element

import msgspec

Kind = (
    Literal["pci", "drive", "usb", "virtio-serial", "virtio-mmio", "ccid", "isa", "dimm"]
    | Literal["unassigned", "other"]
)


class Address(msgspec.Struct):
    """Where a device is. What counts depends on `kind`, by libvirt's names.

    `pci`: bus, slot, function, multifunction; `drive`: controller, bus, target, unit; `usb`: bus,
    port; `virtio-serial`: controller, bus, unit (the port); `isa`: base, irq; `dimm`: slot, base.
    """

    kind: Kind
    controller: int = 0
    bus: int = 0
    target: int = 0
    unit: int = 0
    slot: int = 0
    function: int = 0
    multifunction: bool | None = None
    port: tuple[int, ...] = ()
    base: int | None = None
    irq: int | None = None


class Device(msgspec.Struct):
    """A device: what its element is called, the element itself, and what is worked out for it.

    `model` is libvirt's name, `type` that of a kind where it has several (of a controller, of a
    character device), `index` a disk's, a controller's or a port's number. `boot` is the boot
    index; 0: it has none. `master` is the first port of a companion controller. `node` and `size`,
    in KiB, are those of memory. `connects` is what it can be plugged into (`addresses.pci_bus`).
    """

    tag: str
    element: Element
    address: Address | None = None
    alias: str = ""
    type: str = ""
    model: str = ""
    bus: str = ""
    index: int | None = None
    boot: int = 0
    master: int | None = None
    size: int = 0
    node: int | None = None
    connects: int = 0

    def at(self, kind: Kind) -> Address | None:
        """Its address, if it is of this kind."""
        return self.address if self.address and self.address.kind == kind else None
