"""The aliases of devices, which are their ids in QEMU (libvirt: src/qemu/qemu_alias.c)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain

_NUMBERED = {
    "sound": "sound",
    "redirdev": "redir",
    "video": "video",
    "input": "input",
    "parallel": "parallel",
    "serial": "serial",
    "channel": "channel",
    "console": "console",
    "hub": "hub",
    "shmem": "shmem",
    "smartcard": "smartcard",
    "watchdog": "watchdog",
    "memballoon": "balloon",
    "tpm": "tpm",
    "vsock": "vsock",
    "iommu": "iommu",
    "pstore": "pstore",
}
"""What the alias begins with; the place among its like follows."""
_NEXT = {"filesystem": "fs", "rng": "rng", "crypto": "crypto"}
"""As above, but the number after the highest that is in use follows."""
_MEMORY = {"virtio-pmem": "virtiopmem", "virtio-mem": "virtiomem", "sgx-epc": "epc"}


def assign(domain: Domain) -> None:
    """Give every device its alias, unless it has one."""
    for disk in domain.all("disk"):
        disk.alias = disk.alias or _of_disk(domain, disk)
    for device in domain.all("controller"):
        device.alias = device.alias or _of_controller(domain, device)
    _networks(domain)
    for tag, prefix in _NUMBERED.items():
        for place, device in enumerate(domain.all(tag)):
            device.alias = device.alias or f"{prefix}{place}"
    for tag, prefix in _NEXT.items():
        for device in domain.all(tag):
            device.alias = device.alias or _next(prefix, domain.all(tag))
    for device in domain.all("memory"):
        prefix = _MEMORY.get(device.model, device.model)
        at = device.at("dimm")
        device.alias = device.alias or (
            f"{device.model}{at.slot}" if at else _next(prefix, domain.all("memory"))
        )


def _of_disk(domain: Domain, disk: Device) -> str:
    at = disk.at("drive")
    if at is None:
        return f"{disk.bus}-disk{disk.index or 0}"
    controller = domain.controller("scsi", at.controller) if disk.bus == "scsi" else None
    if controller is None or controller.model == "lsilogic":
        return f"{disk.bus}{at.controller}-{at.bus}-{at.unit}"
    return f"{disk.bus}{at.controller}-{at.bus}-{at.target}-{at.unit}"


def _of_controller(domain: Domain, device: Device) -> str:
    if device.type == "pci":
        root = "pcie" if device.model == "pcie-root" else "pci"
        return f"{root}.{device.index}"
    if device.index == 0:
        if device.type == "usb":
            return "usb"
        if (device.type == "ide" and domain.is_i440fx) or (device.type == "sata" and domain.is_q35):
            return "ide"
    return f"{device.type}{device.index}"


def _networks(domain: Domain) -> None:
    hosts = [each for each in domain.all("interface") if each.type == "hostdev"]
    plain = [each for each in domain.all("interface") if each.type != "hostdev"]
    for device in plain:
        device.alias = device.alias or _next("net", domain.all("interface"))
    for device in (*hosts, *domain.all("hostdev")):
        device.alias = device.alias or _next("hostdev", (*hosts, *domain.all("hostdev")))


def _next(prefix: str, devices: Iterable[Device]) -> str:
    return f"{prefix}{max(_numbers(prefix, devices), default=-1) + 1}"


def _numbers(prefix: str, devices: Iterable[Device]) -> Iterator[int]:
    for device in devices:
        rest = device.alias.removeprefix(prefix)
        if rest != device.alias and rest.isascii() and rest.isdigit() and len(rest) < 10:
            yield int(rest)
