"""What each device of a domain can be plugged into.

(libvirt: src/qemu/qemu_domain_address.c, qemuDomainDeviceCalculatePCIConnectFlags)
"""

from __future__ import annotations

from collections.abc import Callable

from qcompat.guest.given.domain.addresses.pci_bus import CONTROLLERS, Connects
from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import part

_PCI = Connects.PCI | Connects.AUTO
_NONE = Connects(0)
_XHCI = frozenset({"nec-xhci", "qemu-xhci"})
_VIRTIO_SCSI = frozenset({"virtio-scsi", "virtio-non-transitional"})
_PCI_VIDEO = frozenset({"vga", "cirrus", "vmvga", "qxl", "xen", "vbox", "parallels"})
_PCI_SOUND = frozenset({"es1370", "ac97", "ich6", "ich9"})
_FILESYSTEMS = frozenset({"", "path", "handle", "virtiofs"})


def fill(domain: Domain) -> None:
    """Say for each device what it plugs into; 0 for those that are not on PCI."""
    express = (Connects.EXPRESS | Connects.AUTO) if domain.has_express_root else _PCI
    for device in domain.placed():
        device.connects = of(device, express)


def of(device: Device, express: Connects) -> Connects:
    """`express` is what a device of PCI Express gets: plain PCI where the guest has no other."""
    find = _FINDERS.get(device.tag)
    return find(device, express) if find else _NONE


def _virtio(device: Device, express: Connects) -> Connects:
    return _PCI if device.model == "virtio-transitional" else express


def _controller(device: Device, express: Connects) -> Connects:
    if device.type == "pci":
        return CONTROLLERS.get(device.model, _NONE)
    if device.type == "usb":
        if device.model == "none":
            return _NONE
        return express if device.model in _XHCI else _PCI
    if device.type == "scsi":
        return express if device.model in _VIRTIO_SCSI else _PCI
    if device.type == "virtio-serial":
        return _virtio(device, express)
    return _PCI if device.type in {"sata", "ide"} else _NONE


def _interface(device: Device, express: Connects) -> Connects:
    if device.type == "hostdev" or device.model == "usb-net":
        return _NONE
    if device.model in {"virtio", "virtio-non-transitional", "e1000e", "igb"}:
        return express
    return _PCI if device.model in _PCI_NICS else express


_PCI_NICS = frozenset(
    {"virtio-transitional", "e1000", "rtl8139", "ne2k_pci", "pcnet", "i82551", "i82557b"}
    | {"i82559er", "netfront", "vmxnet3", "vmxnet", "vmxnet2", "tulip", "e1000-82544gc"}
    | {"e1000-82545em", "82540em", "82545em", "82543gc", "am79c970a", "am79c973", "vlance"}
)


def _disk(device: Device, express: Connects) -> Connects:
    return _virtio(device, express) if device.bus == "virtio" else _NONE


def _filesystem(device: Device, express: Connects) -> Connects:
    driver = part(device.element, "driver").get("type", "")
    return _virtio(device, express) if driver in _FILESYSTEMS else _NONE


def _sound(device: Device, express: Connects) -> Connects:
    if device.model == "virtio":
        return express
    return _PCI if device.model in _PCI_SOUND else _NONE


def _video(device: Device, express: Connects) -> Connects:
    if device.model in {"virtio", "bochs"}:
        return express
    return _PCI if device.model in _PCI_VIDEO else _NONE


def _hostdev(device: Device, express: Connects) -> Connects:
    if device.type == "scsi_host":
        return _virtio(device, express)
    return express if device.type in {"pci", "mdev"} else _NONE


def _balloon(device: Device, express: Connects) -> Connects:
    return _virtio(device, express) if device.model.startswith("virtio") else _NONE


def _input(device: Device, express: Connects) -> Connects:
    return _virtio(device, express) if device.bus == "virtio" else _NONE


def _memory(device: Device, express: Connects) -> Connects:
    return express if device.model.startswith("virtio") else _NONE


_FINDERS: dict[str, Callable[[Device, Connects], Connects]] = {
    "controller": _controller,
    "interface": _interface,
    "disk": _disk,
    "filesystem": _filesystem,
    "sound": _sound,
    "video": _video,
    "hostdev": _hostdev,
    "memballoon": _balloon,
    "rng": _virtio,
    "watchdog": lambda device, _: _PCI if device.model == "i6300esb" else _NONE,
    "shmem": lambda _device, _express: _PCI,
    "input": _input,
    "serial": lambda device, _: _PCI if device.type == "pci-serial" else _NONE,
    "iommu": lambda device, express: (
        express | Connects.INTEGRATED if device.model == "virtio" else _NONE
    ),
    "vsock": _virtio,
    "memory": _memory,
    "crypto": lambda _device, _express: _PCI,
    "panic": lambda device, _: _PCI | Connects.INTEGRATED if device.model == "pvpanic" else _NONE,
    "pstore": lambda _device, _express: _PCI,
}
