"""The MTU that a network device gives its driver, where hosts' bridges differ. Pure.

QEMU offers the feature `mtu`, and a longer device configuration, where `host_mtu` is set
(virtio_net_device_realize in hw/net/virtio-net.c, 5.2 to 11.1): both ends set the same value, or
neither does. Managers that take it from the bridge set what that host happens to have.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.hosts.devices.asked import AskedDevice
from qcompat.hosts.devices.members import Member

PROPERTY = "host_mtu"


class Mtu(msgspec.Struct, frozen=True):
    """The value for all, in bytes, and what each host's bridge has."""

    common: int
    bridge: str
    hosts: tuple[tuple[str, int], ...]


def common_mtu(members: Sequence[Member], device: AskedDevice, bridge: str) -> Mtu | None:
    """The lowest MTU of all; None where the bridges agree, or no bridge is given.

    A value that the user gives counts too. Errors: UsageError for a bridge that a host
    does not have, or a device that has no MTU.
    """
    if not bridge:
        return None
    if device.kind.name != "virtio-net":
        raise UsageError(f"{device.type} is joined to no bridge", "leave out --bridge")
    hosts = tuple({each.host: _of(each, bridge) for each in members}.items())
    given = device.values.get(PROPERTY, "")
    wanted = [int(given)] if given.isdigit() and given != "0" else []
    values = [mtu for _, mtu in hosts] + wanted
    return Mtu(min(values), bridge, hosts) if len(set(values)) > 1 else None


def _of(member: Member, bridge: str) -> int:
    found = {each.name: each.mtu for each in member.backends.bridges}
    if bridge not in found:
        raise UsageError(
            f"{member.host} has no bridge {bridge}",
            "its bridges: " + (", ".join(found) or "none was found when it was captured"),
        )
    return found[bridge]
