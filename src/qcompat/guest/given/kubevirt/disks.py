"""The disks of an instance, the threads that serve them, and what other devices share with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.kubevirt.processors import topology
from qcompat.guest.given.kubevirt.resource import Instance, add
from qcompat.guest.given.tree import Node

_PREFIXES = {"virtio": "vd", "sata": "sd", "scsi": "sd", "usb": "sd"}
TARGETS = ("disk", "lun", "cdrom")
_LAYERED = ("containerDisk", "ephemeral")
_QCOW2 = (*_LAYERED, "emptyDisk")
_PCI = re.compile(r"([0-9a-f]{4}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])", re.IGNORECASE)


def virtio_model(instance: Instance) -> str:
    """The model of virtio devices. Errors: GuestError."""
    old = instance.domain.at("devices.useVirtioTransitional").flag()
    return "virtio-transitional" if old else "virtio-non-transitional"


def boot(made: Element, each: Node) -> None:
    """<boot> of a device with a place in the boot order. Errors: GuestError."""
    if order := each["bootOrder"].number():
        add(made, "boot", order=order)


def pci_address(made: Element, given: Node) -> None:
    """The place that an instance names, if it does. Errors: GuestError."""
    if not given:
        return
    found = _PCI.fullmatch(given.text())
    if found is None:
        raise GuestError(f"{given.path} is {shown(given.text())}", "write it as 0000:01:00.0")
    names = ("domain", "bus", "slot", "function")
    fields = {name: f"0x{part}" for name, part in zip(names, found.groups(), strict=True)}
    add(made, "address", type="pci", **fields)


def disks(instance: Instance) -> None:
    """Disks and CD-ROM drives. Errors: GuestError."""
    volumes = {each["name"].text(): each for each in instance.spec["volumes"]}
    devices = instance.domain["devices"]
    sockets, cores, threads = topology(instance)
    queues = sockets * cores * threads if devices["blockMultiQueue"].flag() else None
    counts: dict[str, int] = {}
    threads_of = _threads(instance)
    for each in devices["disks"]:
        kind = next((key for key in TARGETS if each[key]), "disk")
        bus = each[kind]["bus"].text("sata")
        if bus not in _PREFIXES:
            raise GuestError(f"{each.path} is on the bus {shown(bus)}", "sata, virtio, scsi or usb")
        prefix = _PREFIXES[bus]
        number = counts[prefix] = counts.get(prefix, -1) + 1
        made = add(instance.devices, "disk", type="file", device=kind)
        if bus == "virtio":
            made.set("model", virtio_model(instance))
        volume = volumes.get(each["name"].text(), Node(None))
        _source(made, each, volume)
        add(made, "target", dev=f"{prefix}{_letters(number)}", bus=bus)
        thread = next(threads_of[each["dedicatedIOThread"].flag()]) if bus == "virtio" else None
        _driver(made, each, volume, queues if bus == "virtio" else None, thread)
        _details(instance, made, each, kind, number if bus == "scsi" else None)


def _details(instance: Instance, made: Element, each: Node, kind: str, unit: int | None) -> None:
    if each[kind]["readonly"].flag(kind == "cdrom"):
        add(made, "readonly")
    if each["shareable"].flag():
        add(made, "shareable")
    if serial := each["serial"].text():
        add(made, "serial", serial)
    _block_sizes(instance, made, each)
    boot(made, each)
    pci_address(made, each[kind]["pciAddress"])
    if unit is not None and kind != "cdrom":
        add(made, "address", type="drive", controller=0, bus=0, unit=unit)
    add(made, "alias", name=f"ua-{each['name'].text()}")


def _source(made: Element, each: Node, volume: Node) -> None:
    if volume:
        add(made, "source", file=f"/var/run/kubevirt-private/{each['name'].text()}/disk.img")
        if any(volume[key] for key in _LAYERED):
            below = add(made, "backingStore", type="file")
            add(below, "format", type="raw")
            add(below, "source", file="/var/run/kubevirt-private/image.img")
    elif not each["cdrom"]:
        raise GuestError(f"{each.path} names no volume of the instance", "correct spec.volumes")


def _driver(made: Element, each: Node, volume: Node, queues: int | None, io: int | None) -> None:
    is_overlay = any(volume[key] for key in _QCOW2)
    made = add(made, "driver", name="qemu", type="qcow2" if is_overlay else "raw")
    given = {"cache": each["cache"].text(), "io": each["io"].text()}
    given |= {"error_policy": each["errorPolicy"].text("stop")}
    given |= {"discard": "" if each["cdrom"] else "unmap"}
    given |= {"queues": str(queues or ""), "iothread": str(io or "")}
    for key, value in given.items():
        if value:
            made.set(key, value)


def _block_sizes(instance: Instance, made: Element, each: Node) -> None:
    custom = each["blockSize"]["custom"]
    if custom:
        logical, physical = custom["logical"].number(), custom["physical"].number()
        add(made, "blockio", logical_block_size=logical, physical_block_size=physical)
    elif each["blockSize"]["matchVolume"]["enabled"].flag(bool(each["blockSize"]["matchVolume"])):
        instance.open(f"disk {each['name'].text()}", "its block size is that of its volume", "view")


def _letters(number: int) -> str:
    text = ""
    while number >= 0:
        number, rest = number // 26 - 1, number % 26
        text = chr(ord("a") + rest) + text
    return text


def _threads(instance: Instance) -> dict[bool, Iterator[int | None]]:
    """The I/O thread of the next virtio disk: of one with a thread of its own, and of another."""
    shared, own = thread_counts(instance)
    if not shared + own:
        return dict.fromkeys((False, True), iter(lambda: None, 0))
    pool = (at % shared + 1 for at in range(1 << 16)) if shared else iter(lambda: None, 0)
    return {False: pool, True: iter(range(shared + 1, 1 << 16))}


def thread_counts(instance: Instance) -> tuple[int, int]:
    """How many I/O threads disks share, and how many have one of their own. Errors: GuestError."""
    policy = instance.domain["ioThreadsPolicy"].text()
    flags = [each["dedicatedIOThread"].flag() for each in instance.domain.at("devices.disks")]
    own = sum(flags)
    if policy == "supplementalPool":
        what = "all of its disks use all threads of a pool, which is not read here"
        instance.open("spec.domain.ioThreadsPolicy", what, "nothing")
        return 0, 0
    if not policy and not own:
        return 0, 0
    limit = 1
    if policy == "auto":
        resources = instance.domain["resources"]
        asked = resources["requests"]["cpu"] or resources["limits"]["cpu"]
        limit = 2 * (asked.number(1) if asked.text("1").isdecimal() else 1)
    shared = len(flags) - own
    return (shared if shared + own <= limit else max(1, limit - own)), own
