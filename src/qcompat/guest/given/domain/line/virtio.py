"""What all virtio devices have: the name of their type, and what <driver> says of all of them."""

from __future__ import annotations

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.line.words import Value
from qcompat.guest.given.domain.values import part, switch

_SUFFIXES = {
    "virtio-transitional": "-transitional",
    "virtio-non-transitional": "-non-transitional",
}


def virtio(device: Device, name: str, *, on_bus: bool = True) -> dict[str, Value]:
    """The first fields of a virtio device: `name` is `virtio-blk`, the type `virtio-blk-pci`."""
    driver = part(device.element, "driver")
    bus = "-device" if device.at("virtio-mmio") else "-pci"
    return {
        "driver": f"{name}{bus if on_bus else ''}{_SUFFIXES.get(device.model, '')}",
        "iommu_platform": switch(driver, "iommu"),
        "ats": switch(driver, "ats"),
        "packed": switch(driver, "packed"),
        "page-per-vq": switch(driver, "page_per_vq"),
    }
