"""Which device a property is set on, so that devices are repaired one by one.

A place is a PCI path where there is one, else the path of the device in the guest's tree;
`CPU` are the processors, and the empty place is the whole guest.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.device_line import device_options, place_of_line

CPU = "CPU"
GUEST = ""
OFF_TREE = "argument "
"""Begins the path of a device that is not in the tree; the index of its `-device` value follows.

It was never made, since the target refuses to start, or it is on no bus (`ipmi-bmc-sim`).
"""
HOST_SIDE = frozenset(
    {
        "drive",
        "netdev",
        "chardev",
        "iothread",
        "iothread-vq-mapping",
        "memdev",
        "audiodev",
        "fsdev",
        "cryptodev",
        "rng",
        "bus",
        "id",
        "driver",
        "busnr",
        "failover_pair_id",
        "sriov-pf",
        "share-rw",
    }
)
"""Properties that connect a device to its backend or bus; no guest sees their value."""
_INSIDE = "/virtio-bus/"


def settable_owner(portrait: Portrait, device: Device) -> Device:
    """The device that a user sets properties on: a virtio device is set through its proxy."""
    outer, inside, _ = device.path.rpartition(_INSIDE)
    if not inside or device.bus != "virtio-bus":
        return device
    return next((each for each in portrait.devices if each.path == outer), device)


def inner_of(portrait: Portrait, device: Device) -> Device | None:
    """The virtio device inside a proxy."""
    start = f"{device.path}{_INSIDE}"
    inside = (d for d in portrait.devices if d.path.startswith(start) and d.bus == "virtio-bus")
    return next(inside, None)


def place_of(device: Device) -> str:
    """The place of a device that properties are set on."""
    return device.address or device.path


def off_tree(portrait: Portrait) -> Iterator[Device]:
    """The devices of the guest's `-device` lines whose type is not in the tree."""
    shown = {device.type for device in portrait.devices}
    aliases = {f.alias: f.type for f in portrait.facts.devices if f.alias}
    for place, fields in device_options(portrait.guest.arguments):
        given = dict(fields)
        driver = aliases.get(given.get("driver", ""), given.get("driver", ""))
        if driver not in shown:
            yield Device(f"{OFF_TREE}{place}", driver, given.get("id", ""), "", "", {})


def own_devices(portrait: Portrait) -> tuple[Device, ...]:
    """The devices that a `-device` of the guest makes."""
    lined = (d for d in portrait.devices if place_of_line(portrait, d) is not None)
    return (*lined, *off_tree(portrait))


def devices_of(portrait: Portrait, place: str) -> tuple[Device, ...]:
    """The devices there that a user sets properties on."""
    return tuple(
        device
        for device in (*portrait.devices, *off_tree(portrait))
        if place and place_of(device) == place and settable_owner(portrait, device) == device
    )
