"""How findings name what they speak of: devices by type, address and id, sections by device.

Names only; which device a finding is about is the rule's business.
"""

from __future__ import annotations

import re

from qcompat.portrait.portrait import Device, Portrait

ADDRESS = re.compile(r"^[0-9a-f]{4}:[0-9a-f]{2}(?::[0-9a-f]{2}\.[0-7])+")


def address_of(idstr: str) -> str:
    """The PCI path that a section id begins with, or an empty string."""
    match = ADDRESS.match(idstr)
    return match.group() if match else ""


def state_of(idstr: str) -> str:
    """The state's name at the end of a section id: `0000:00:02.0/virtio-net` → `virtio-net`."""
    return idstr.rpartition("/")[2]


def devices_at(portrait: Portrait, address: str) -> tuple[Device, ...]:
    """The device at a PCI path and its inner devices (a virtio-pci proxy's backend)."""
    owner = owner_of(portrait, address)
    if owner is None:
        return ()
    inner = f"{owner.path}/"
    return tuple(
        device
        for device in portrait.devices
        if device.path == owner.path
        or (device.path.startswith(inner) and device.address in ("", address))
    )


def owner_of(portrait: Portrait, address: str) -> Device | None:
    """The device whose PCI path this is."""
    return next((d for d in portrait.devices if address and d.address == address), None)


def name_of(portrait: Portrait, idstr: str) -> str:
    """A section's or address' device in an operator's words: `virtio-blk-pci at 0000:00:02.0`.

    The user's own id is added where there is one; off PCI the id itself is the name.
    """
    address = address_of(idstr)
    owner = owner_of(portrait, address)
    if owner is None:
        return idstr
    called = f' "{owner.id}"' if owner.id else ""
    return f"{owner.type}{called} at {address}"
