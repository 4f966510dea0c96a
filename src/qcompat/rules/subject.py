"""What a finding is about, as a value; and how sections and addresses name devices.

The words for it are made in `report`; nothing that decides looks into those.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from qcompat.portrait.portrait import Device, Portrait

ADDRESS = re.compile(r"^[0-9a-f]{4}:[0-9a-f]{2}(?::[0-9a-f]{2}\.[0-7])+")

Kind = Literal["guest", "cpu", "firmware", "device", "section", "memory block"]


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a finding is about: the whole guest, its processors or firmware, or one thing in it.

    A `device` has its QOM `type`, the user's `id` and the PCI path in `address`, or its `path` in
    the tree off PCI. A `section` and a `memory block` are those that no device of the guest is
    known to own. `section`, `block`, `property` and `register` also name the part of a device.
    """

    kind: Kind
    type: str = ""
    id: str = ""
    address: str = ""
    path: str = ""
    section: str = ""
    block: str = ""
    property_: str = msgspec.field(name="property", default="")
    register: str = ""

    @property
    def is_whole_guest(self) -> bool:
        """Whether it is nothing narrower than the guest."""
        return self.kind in ("guest", "firmware")

    @property
    def thing(self) -> Subject:
        """The device, section or block as such, without the part of it."""
        if self.kind == "device":
            return Subject("device", self.type, self.id, self.address, self.path)
        return msgspec.structs.replace(self, property_="", register="")


GUEST = Subject("guest")
CPU = Subject("cpu")
FIRMWARE = Subject("firmware")


def subject_of(portrait: Portrait, idstr: str) -> Subject:
    """The device that a section's id or a PCI path belongs to, or the section itself."""
    address = address_of(idstr)
    section = "" if idstr == address else idstr
    owner = owner_of(portrait, address)
    if owner is not None:
        return Subject("device", owner.type, owner.id, address, section=section)
    return Subject("section" if section else "device", address=address, section=section)


def block_of(portrait: Portrait, name: str) -> Subject:
    """The device that a memory block belongs to, or the block itself."""
    owner = owner_of(portrait, address_of(name))
    if owner is not None:
        return Subject("device", owner.type, owner.id, owner.address, block=name)
    return Subject("memory block", address=address_of(name), block=name)


def device_of_type(portrait: Portrait, address: str, type_: str) -> Subject:
    """The device at a PCI path; off PCI only its type."""
    return subject_of(portrait, address) if address else Subject("device", type_)


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
