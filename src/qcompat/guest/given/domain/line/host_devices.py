"""Devices of the host that the guest is given (libvirt: qemuBuildHostdevCommandLine)."""

from __future__ import annotations

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.networks import rom
from qcompat.guest.given.domain.line.virtio import virtio
from qcompat.guest.given.domain.line.words import Value, Words, device, option, placed, positive
from qcompat.guest.given.domain.values import count, part, switch, word

_SWITCH = {True: "on", False: "off", None: None}
_RESETS = {"off": (False, None), "uninitialized": (True, False), "on": (True, True)}


def host_devices(domain: Domain) -> Words:
    for each in domain.all("hostdev"):
        if each.element.get("mode", "subsystem") != "subsystem":
            continue
        if each.type == "usb":
            yield from device(domain, {**_usb(each), **placed(domain, each)})
        elif each.type == "pci" and each.at("unassigned") is None:
            yield from device(domain, {**_pci(each), **placed(domain, each), **rom(each)})
        elif each.type == "mdev":
            yield from device(domain, {**_mediated(each), **placed(domain, each)})
        elif each.type == "scsi_host":
            source = part(each.element, "source")
            fields: dict[str, Value] = {"wwpn": source.get("wwpn"), "vhostfd": "3"}
            fields = {**virtio(each, "vhost-scsi"), **fields, "id": each.alias}
            yield from device(domain, {**fields, **placed(domain, each)})
        elif each.type == "scsi":
            yield from _scsi(domain, each)


def _usb(each: Device) -> dict[str, Value]:
    source = part(each.element, "source")
    at = part(source, "address")
    bus, number = count(at, "bus") or 0, count(at, "device") or 0
    resets = _RESETS.get(source.get("guestReset", ""), (None, None))
    return {
        "driver": "usb-host",
        "hostdevice": f"/dev/bus/usb/{bus:03d}/{number:03d}",
        "id": each.alias,
        "bootindex": positive(each.boot),
        "guest-reset": resets[0],
        "guest-resets-all": resets[1],
    }


def _pci(each: Device) -> dict[str, Value]:
    at = part(each.element, "source/address")
    numbers = [count(at, name) or 0 for name in ("domain", "bus", "slot", "function")]
    host = f"{numbers[0]:04x}:{numbers[1]:02x}:{numbers[2]:02x}.{numbers[3]:x}"
    teaming = part(each.element, "teaming")
    has_ramfb = switch(each.element, "ramfb") is True
    return {
        "driver": "vfio-pci-nohotplug" if has_ramfb else "vfio-pci",
        "host": host,
        "id": each.alias,
        "bootindex": positive(each.boot),
        "failover_pair_id": word(teaming, "persistent"),
        "display": _SWITCH[switch(each.element, "display")],
        "ramfb": True if has_ramfb else None,
    }


def _mediated(each: Device) -> dict[str, Value]:
    uuid = part(each.element, "source/address").get("uuid")
    has_ramfb = switch(each.element, "ramfb") is True
    model = each.element.get("model", "vfio-pci")
    shows = switch(each.element, "display")
    return {
        "driver": "vfio-pci-nohotplug" if has_ramfb else model,
        "id": each.alias,
        "sysfsdev": f"/sys/bus/mdev/devices/{uuid}",
        "display": _SWITCH[False if shows is None and model == "vfio-pci" else shows],
        "ramfb": True if has_ramfb else None,
        "bootindex": positive(each.boot),
    }


def _scsi(domain: Domain, each: Device) -> Words:
    node = f"libvirt-{each.alias}-backend"
    is_read_only = each.element.find("readonly") is not None
    source = part(each.element, "source")
    is_remote = source.get("protocol") == "iscsi"
    backend: dict[str, Value] = {"driver": "iscsi" if is_remote else "host_device"}
    if not is_remote:
        backend["filename"] = "/dev/sg0"
    yield from option("blockdev", {**backend, "node-name": node, "read-only": is_read_only})
    fields: dict[str, Value] = {"driver": "scsi-generic", "drive": node, "id": each.alias}
    fields["bootindex"] = positive(each.boot)
    yield from device(domain, {**fields, **placed(domain, each)})
