"""The words that give a device other properties, ready to be pasted into QEMU's command line.

The guest's own `-device` line with the properties added is best, since it speaks of this
device alone. A device that another option makes (`-drive if=virtio`) has no such line; there
`-global` sets the property for all devices of the type. Which values are right is the rules'
business.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from qcompat.guest.option import Pairs, format_fields, parse_fields
from qcompat.portrait.portrait import Device, Portrait


def set_properties(portrait: Portrait, device: Device, properties: Pairs) -> str:
    """What gives this device `properties`: its own line, else `-global` for all of its type."""
    return own_line(portrait, device, properties) or " ".join(
        f"-global {device.type}.{name}={value}" for name, value in properties
    )


def own_line(portrait: Portrait, device: Device, properties: Pairs) -> str | None:
    """The one `-device` line of the guest that makes this device, with `properties` set."""
    lines = tuple(_lines_of(portrait, device))
    if len(lines) != 1:
        return None
    names = {name for name, _ in properties}
    kept = tuple(pair for pair in lines[0] if pair[0] not in names)
    return f"-device {format_fields((*kept, *properties), 'driver')}"


def _lines_of(portrait: Portrait, device: Device) -> Iterator[Pairs]:
    """The device's lines in the guest; several where it cannot be told apart from its like."""
    types = {device.type} | {f.alias for f in portrait.facts.devices if f.type == device.type}
    for fields in _device_options(portrait.guest.arguments):
        given = dict(fields)
        place = given.get("addr", "")
        is_here = not place or not device.address or _slot(place) == device.address[-4:]
        if given.get("driver") in types and given.get("id", "") == device.id and is_here:
            yield fields


def _device_options(arguments: tuple[str, ...]) -> Iterator[Pairs]:
    for option, value in pairwise(arguments):
        if option == "-device" and not value.startswith("{"):  # JSON wants types we do not know
            yield parse_fields(value, "driver")


def _slot(place: str) -> str:
    """`0x8`, `8` and `08.0` as a PCI path ends: `08.0` (hw/core/qdev-properties-system.c, 10.0)."""
    slot, _, function = place.partition(".")
    try:
        return f"{int(slot, 16):02x}.{int(function or '0', 16):x}"
    except ValueError:
        return place
