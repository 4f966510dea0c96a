"""Device lines of hosts, tried on those of their builds that are on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.option import format_fields, parse_fields
from qcompat.guest.single import single_device
from qcompat.hosts.devices.lines import HostLine
from qcompat.portrait.portraits import Portraits
from qcompat.remedy.places import HOST_SIDE

_OPTION = re.compile(r"^-device \S+: ")
_PLACED = HOST_SIDE - {"driver"} | {"addr", "mac", "bootindex"}
"""What connects a device to the rest of a guest, which is not there."""


class RefusedLine(msgspec.Struct, frozen=True):
    """A line that a build does not start a device with, and what the build says."""

    build: str
    device: str
    message: str


async def refused_lines(
    portraits: Portraits, machine: str, lines: Iterable[HostLine]
) -> tuple[RefusedLine, ...]:
    """The lines that their build refuses, each once. Errors: as `Portraits.of`."""
    here = portraits.registry.names()
    wanted = dict.fromkeys((each.build, each.device) for each in lines if each.build in here)
    found = []
    for build, device in wanted:
        message = await _refusal(portraits, build, machine, device)
        found += [RefusedLine(build, device, message)] if message else []
    return tuple(found)


async def _refusal(portraits: Portraits, build: str, machine: str, device: str) -> str:
    pairs = parse_fields(device, "driver")
    text = format_fields(tuple(pair for pair in pairs if pair[0] not in _PLACED), "driver")
    try:
        portrait = await portraits.of(build, single_device(machine, text))
    except GuestError:
        return ""  # no guest is made around it here, so nothing is known
    refusal = portrait.refusal
    is_told = refusal is not None and refusal.stage == "start" and not portrait.shortage
    return _OPTION.sub("", refusal.message) if refusal and is_told else ""
