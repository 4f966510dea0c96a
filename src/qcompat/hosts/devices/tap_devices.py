"""Which network devices of a guest use a tap, by a portrait. Pure.

A device without a tap gets nothing from its host's taps: neither offloads nor vhost.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from qcompat.guest.option import Option, parse_fields
from qcompat.hosts.devices.features import DeviceKind, bit_of, features_of, kind_of
from qcompat.machine.value import canonical
from qcompat.portrait.portrait import Device, Portrait

_ON = ("on", "yes", "true")
_KEPT = 64
_OFF = ("off", "no", "false")


class Network(msgspec.Struct, frozen=True):
    """A device on a tap.

    `has_vhost` says that the user's own tap asks for vhost, `has_header` that it may have a
    vnet_hdr (no `vnet_hdr=off`). `high` are the features beyond 64 bits that its properties offer
    on a tap that takes all: a portrait keeps only those below.
    """

    address: str
    type: str
    kind: DeviceKind
    has_vhost: bool
    has_header: bool = True
    high: int = 0


def networks_of(portrait: Portrait) -> Iterator[Network]:
    """The virtio network devices on taps, in the order of the devices.

    Where no tap could be made for the portrait a hub port stands in, and `uncovered` says so.
    """
    taps = {tap.get("id"): tap for tap in _taps(portrait)}
    vhost = _with_vhost(portrait)
    for device in portrait.devices:
        kind = kind_of(device.type)
        name = _netdev(portrait, device)
        if kind is not None and kind.name == "virtio-net" and device.address and name in taps:
            has_header = taps[name].get("vnet_hdr") not in _OFF
            high = _high(portrait, device, kind) if has_header else 0
            yield Network(device.address, device.type, kind, name in vhost, has_header, high)


def _taps(portrait: Portrait) -> list[Option]:
    return [option for option in _networks(portrait.guest.arguments) if option.get("type") == "tap"]


def _networks(arguments: tuple[str, ...]) -> Iterator[Option]:
    for name, value in pairwise(arguments):
        if name in ("-netdev", "-nic"):
            yield Option(name=name[1:], pairs=parse_fields(value, "type"))


def _with_vhost(portrait: Portrait) -> frozenset[str]:
    """Ids of networks that ask for vhost: a stand-in has none, so that `uncovered` names them."""
    subjects = (each.subject.partition(" ")[2] for each in portrait.guest.uncovered)
    asked = [Option(name="", pairs=parse_fields(text, "type")) for text in subjects if text]
    return frozenset(
        option.get("id")
        for option in asked
        if option.get("vhost") in _ON or option.get("vhostforce") in _ON
    )


def _netdev(portrait: Portrait, device: Device) -> str:
    return _told(portrait, device).get("netdev", "").strip('"')


def _told(portrait: Portrait, device: Device) -> dict[str, str]:
    """The properties of a device and of the virtio device inside it."""
    inner = f"{device.path}/"
    ours = [d for d in portrait.devices if d.path == device.path or d.path.startswith(inner)]
    return {name: value for each in ours for name, value in each.properties.items()}


def _high(portrait: Portrait, device: Device, kind: DeviceKind) -> int:
    told = _told(portrait, device)
    found = 0
    for row in features_of(kind):
        bit = bit_of(kind.number, row.name)
        value = told.get(row.property)
        if bit is not None and bit >= _KEPT and value and canonical(value) != row.off:
            found |= 1 << bit
    return found
