"""What is answered of the device properties of a pool of hosts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.hosts.devices.agreed import HostAnswer
from qcompat.hosts.devices.asked import AskedDevice
from qcompat.hosts.devices.lines import DeviceLines


class HostLines(msgspec.Struct, frozen=True):
    """The properties for each host, and where the guest at hand could go without them.

    `alias` is the device's name in domain XML.
    """

    found: DeviceLines
    moves: Sequence[HostAnswer]
    asked: AskedDevice
    alias: str = "net0"
