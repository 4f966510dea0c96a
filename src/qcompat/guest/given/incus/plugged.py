"""What Incus adds through the monitor before the guest runs: processors, cards, disks.

Cards come first and disks in the order of their paths, so that each keeps its place
(internal/server/device/config/devices_sort.go).
"""

from __future__ import annotations

import base64
import hashlib
import json

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.incus.instance import Instance, Topology
from qcompat.guest.given.incus.machine import most_processors
from qcompat.guest.given.tree import Node

_ON_PCI = ("nvme", "virtio-blk")
_BUSES = ("virtio-scsi", "usb", *_ON_PCI)
_ISO = ("agent:config", "cloud-init:config")
_TAPS = frozenset({"bridged", "macvlan", "ovn", "p2p", "routed", ""})
_IGNORED = frozenset({"proxy", "none", "unix-char", "unix-block", "unix-hotplug", "infiniband"})
_NODE, _SERIAL, _SHORT_SERIAL = 25, 30, 14

Device = tuple[str, Node]


def ordered(instance: Instance) -> list[Device]:
    """The devices in the order in which Incus starts them. Errors: GuestError."""
    found = sorted(
        instance.devices.members(), reverse=True, key=lambda each: each[1]["type"].text()
    )
    kinds = {"nic": 0, "disk": 1}

    def place(each: Device) -> tuple[object, ...]:
        name, device = each
        kind, path = device["type"].text(), device["path"].text()
        if kind == "disk":
            return 1, path != "/", path, name
        return kinds.get(kind, 2), bool(device["nested"].text()), "", name if kind == "nic" else ""

    others = [each for each in found if each[1]["type"].text() not in kinds]
    first = [each for each in found if each[1]["type"].text() in kinds]
    return [*sorted(first, key=place), *others]


def boot_order(devices: list[Device]) -> dict[str, int]:
    """The boot index of each card and disk. Errors: GuestError."""
    bootable = [each for each in devices if each[1]["type"].text() in ("disk", "nic")]

    def priority(each: Device) -> int:
        own = each[1]["boot.priority"]
        return -(own.number() if own else int(each[1]["path"].text() == "/"))

    return {name: at for at, (name, _) in enumerate(sorted(bootable, key=priority))}


def take_places(instance: Instance, devices: list[Device]) -> dict[str, str]:
    """A place for each device that has one, with the ports of the configuration.

    A TPM, and whatever else stands in qemu.conf, is written here. Errors: GuestError.
    """
    places = {}
    for name, device in devices:
        kind = device["type"].text()
        if (kind == "disk" and device["io.bus"].text() in _ON_PCI) or kind == "nic":
            places[name] = instance.place()
        elif kind == "tpm":
            _tpm(instance, name)
        elif kind == "pci" or kind == "gpu":
            instance.place()
            instance.open(f"{kind}: {name}", "a device of the host is left out", "migration")
        elif kind not in _IGNORED | {"disk", "usb"}:
            instance.open(f"{kind[:20]}: {name}", "qcompat does not know this type")
    return places


def _tpm(instance: Instance, name: str) -> None:
    instance.write("chardev", f"socket,id=qemu_tpm-chardev_{name},path=/run/incus/tpm")
    instance.write("tpmdev", f"emulator,id=qemu_tpm-tpmdev_{name},chardev=qemu_tpm-chardev_{name}")
    instance.device(f"tpm-crb,id=dev-incus_{name},tpmdev=qemu_tpm-tpmdev_{name}")


def processors(instance: Instance) -> None:
    """The processors but the first: QEMU names the last free ones first."""
    topology = instance.boot.cpu_topology or Topology()
    if topology.is_fixed:
        return
    model = _model(instance)
    most = most_processors(instance)
    for number in range(topology.cores - 1):
        core = most - 1 - number
        place = f"socket-id=0,core-id={core},thread-id=0"
        instance.add("device", f"{model}-x86_64-cpu,id=cpu0{core}0,{place}")


def _model(instance: Instance) -> str:
    return (instance.boot.cpu_type or "host").partition(",")[0]


def plug(instance: Instance, devices: list[Device], places: dict[str, str]) -> None:
    """Cards and disks. Errors: GuestError."""
    boot = boot_order(devices)
    for name, device in devices:
        kind = device["type"].text()
        if kind == "nic":
            _card(instance, name, device, places[name], boot[name])
        elif kind == "disk":
            _disk(instance, name, device, places.get(name, ""), boot[name])
        elif kind == "usb":
            instance.add("device", f"usb-host,id=dev-incus_{name},bus=qemu_usb.0")


def encoded(name: str) -> str:
    """A device's name as a part of an id."""
    return name.replace("-", "--").replace("/", "-")


def _card(instance: Instance, name: str, device: Node, place: str, boot: int) -> None:
    kind = device["nictype"].text()
    if kind not in _TAPS:
        instance.open(f"nic: {name}", "a card of the host is left out", "migration")
        return
    topology = instance.boot.cpu_topology or Topology()
    queues = max(2, topology.sockets * topology.cores * topology.threads)
    address = device["hwaddr"].text() or instance.key(f"volatile.{name}.hwaddr")
    if not address:
        instance.open(f"nic: {name}", "its MAC address is made at its first start", "nothing")
    own = encoded(name)
    instance.add("netdev", f"tap,id=incus_{own},vhost=on,queues={queues}")
    fields = f"id=dev-incus_{own},netdev=incus_{own},mac={address or '10:66:6a:00:00:01'}"
    many = f"mq=on,vectors={2 * queues + 2},bootindex={boot}"
    instance.add("device", f"virtio-net-pci,{fields},{many}{place}")


def _disk(instance: Instance, name: str, device: Node, place: str, boot: int) -> None:
    source, path = device["source"].text(), device["path"].text()
    bus = device["io.bus"].text() or "virtio-scsi"
    if path and path != "/":
        what = "a directory that the guest shares with the host is left out"
        instance.open(f"disk: {name}", what, "migration")
        return
    if bus == "auto":
        bus = "virtio-scsi"
    if bus not in _BUSES:
        raise GuestError(f"{name}: io.bus is {shown(bus)}", f"it is one of {', '.join(_BUSES)}")
    is_cdrom = source in _ISO or source.endswith(".iso")
    node = _hashed(encoded(name), _NODE)
    is_fixed = is_cdrom or device["readonly"].flag()
    image = {"driver": "file", "node-name": node, "filename": source or "root.img"}
    instance.add("blockdev", json.dumps({**image, "read-only": is_fixed, "discard": "unmap"}))
    _disk_device(instance, name, device, (node, bus, place, boot), is_cdrom)


def _disk_device(
    instance: Instance, name: str, device: Node, how: tuple[str, str, str, int], is_cdrom: bool
) -> None:
    node, bus, place, boot = how
    own = encoded(name)
    serial = _hashed(own, _SHORT_SERIAL if bus in _ON_PCI else _SERIAL)
    text = f"id=dev-incus_{own},drive={node},serial={serial},bootindex={boot}"
    text += f",wwn={wwn}" if (wwn := device["wwn"].text()) else ""
    kind = "scsi-cd" if is_cdrom else "scsi-hd"
    if bus in _ON_PCI:
        instance.add("device", f"{bus if bus == 'nvme' else 'virtio-blk-pci'},{text}{place}")
    elif bus == "usb":
        instance.add("device", f"usb-bot,id=usb_dev-incus_{own},bus=qemu_usb.0")
        instance.add("device", f"{kind},{text},lun=0,bus=usb_dev-incus_{own}.0")
    else:
        instance.add("device", f"{kind},{text},device_id={node},channel=0,lun=1,bus=qemu_scsi.0")


def _hashed(name: str, most: int) -> str:
    """A name of a node or a serial number; a long one is hashed (util.go, hashValue)."""
    if len(name) > most:
        digest = hashlib.sha256(name.encode()).digest()
        name = base64.urlsafe_b64encode(digest).decode().rstrip("=")[:most]
    return f"incus_{name}"
