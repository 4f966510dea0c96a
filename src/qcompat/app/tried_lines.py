"""Lines of hosts, for devices and processors, tried on those of their builds that are here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

import msgspec

from qcompat.builds.registry import Registry
from qcompat.errors import GuestError, UsageError
from qcompat.guest.option import format_fields, parse_fields
from qcompat.guest.single import single_device
from qcompat.hosts.devices.lines import HostLine
from qcompat.local.event_loop import wait_for_event_loop
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


async def refuse_unknown_cpus(registry: Registry, lines: Iterable[tuple[str, str]]) -> None:
    """Have builds of this machine read their `-cpu` lines, given as (build, value).

    Errors: UsageError where one does not know the model, or a property; BuildError.
    """
    from qcompat.builds.learn.back_ends import lacking_cpu

    await wait_for_event_loop()
    refused = []
    for name, cpu in dict.fromkeys(lines):
        if name in registry.names():
            message = await asyncio.to_thread(lacking_cpu, registry.get(name), cpu)
            refused += [f"{name} does not read -cpu {cpu}: {message}"] if message else []
    if refused:
        raise UsageError(
            "; ".join(refused),
            "capture the hosts again with their own builds, or name those that count (--build)",
        )


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
