"""virtio devices of the board `virt` that are on its own bus, and not on PCI."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.guest.given.domain.device import Address, Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import part

_BUSES = ("disk", "input")
_MODELS = ("interface", "memballoon", "rng", "vsock", "crypto")
_CONTROLLERS = ("virtio-serial", "scsi")


def assign(domain: Domain) -> None:
    """Where one virtio device is there, all without an address are.

    (libvirt: src/qemu/qemu_domain_address.c, qemuDomainAssignARMVirtioMMIOAddresses)
    """
    if domain.is_virt and any(each.at("virtio-mmio") for each in domain.placed()):
        for device in _virtio(domain):
            device.address = device.address or Address("virtio-mmio")


def _virtio(domain: Domain) -> Iterator[Device]:
    for tag in _BUSES:
        yield from (each for each in domain.all(tag) if each.bus == "virtio")
    for tag in _MODELS:
        yield from (each for each in domain.all(tag) if each.model.startswith("virtio"))
    for each in domain.all("controller"):
        if each.type in _CONTROLLERS and (each.type != "scsi" or each.model == "virtio-scsi"):
            yield each
    for each in domain.all("filesystem"):
        if part(each.element, "driver").get("type", "path") in {"path", "handle"}:
            yield each
