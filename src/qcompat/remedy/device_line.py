"""The `-device` line of a device, and the text that gives the device other properties.

The guest's own `-device` line with the properties added is best, since it reaches this device
alone. A device that another option makes (`-drive if=virtio`) has no such line; there `-global`
sets the property for all devices of the type. Which values are right is decided by the rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

from qcompat.guest.command_line import split
from qcompat.guest.global_property import GlobalProperty
from qcompat.guest.guest import Guest
from qcompat.guest.option import Pairs, flatten, parse_fields
from qcompat.guest.stand_ins import audio
from qcompat.portrait.portrait import Device, Portrait
from qcompat.qemu.supplies.names import supplies_in
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import edited_value

_IDENTITY = ("driver", "id", "bus", "addr")
_BACKENDS = ("drive", "netdev", "chardev", "rng", "memdev", "audiodev", "fsdev", "cryptodev")


def set_properties(portrait: Portrait, device: Device, properties: Pairs) -> str:
    """What gives this device `properties`: its own line, else `-global` for all of its type."""
    return own_line(portrait, device, properties) or " ".join(
        f"-global {GlobalProperty(device.type, name, value).text()}" for name, value in properties
    )


def own_line(portrait: Portrait, device: Device, properties: Pairs) -> str | None:
    """The one `-device` line of the guest that makes this device, with `properties` set.

    As the user wrote it, where that is known: a twin's leaves out what belongs to the host. None
    too for a line with a stand-in for a file of the user: nobody could paste it.
    """
    place = place_of_line(portrait, device)
    text = "{" if place is None else portrait.guest.arguments[place]
    text = _as_given(portrait.guest, text) or text
    if text.startswith("{"):  # JSON needs the types of the properties, which are not known here
        return None
    if supplies_in([text]):
        return None
    if ("audiodev", audio.OWN) in parse_fields(text):  # the guest's own line names none
        text = edited_value(text, Setting("", "audiodev", "", removes=True), "driver")
    for name, value in properties:
        text = edited_value(text, Setting(device.type, name, value), "driver")
    return f"-device {text}"


def _as_given(guest: Guest, text: str) -> str:
    """The user's words for a `-device` of the twin; empty where several may be meant, or JSON."""
    wanted = dict(parse_fields(text, "driver"))
    found = []
    for name, words in split(guest.own) if guest.own and not text.startswith("{") else ():
        given = dict(parse_fields(words[1], "driver")) if name == "device" and words[1:] else {}
        same = given and all(given.get(key) == wanted.get(key) for key in _IDENTITY)
        found += [words[1]] if same else []
    return found[0] if len(found) == 1 else ""


def place_of_line(portrait: Portrait, device: Device) -> int | None:
    """The index in the guest's arguments of the `-device` value that makes this device.

    None where no line makes it, or where several lines might. Devices that nothing distinguishes
    get their addresses in the order of their lines.
    """
    lines = _lines_of(portrait, device)
    alike = [d for d in portrait.devices if d.type == device.type and d.bus == device.bus]
    alike = [each for each in alike if _lines_of(portrait, each) == lines]
    if len(alike) != len(lines):
        return None
    found = len(portrait.devices)
    latest_first = {each.path: found - n for n, each in enumerate(portrait.devices)}
    alike.sort(key=lambda each: (each.address, latest_first[each.path]))
    return next((n for n, each in zip(lines, alike, strict=True) if each == device), None)


def _lines_of(portrait: Portrait, device: Device) -> tuple[int, ...]:
    """The lines that may make the device; several where nothing distinguishes it from others."""
    types = {device.type} | {f.alias for f in portrait.facts.devices if f.type == device.type}
    used = _backends_of(portrait, device)
    found = []
    for place, fields in device_options(portrait.guest.arguments):
        given = dict(fields)
        at = given.get("addr", "")
        is_here = not at or not device.address or _slot(at) == device.address[-4:]
        is_here = is_here and all(given.get(name, value) == value for name, value in used.items())
        if given.get("driver") in types and given.get("id", "") == device.id and is_here:
            found.append(place)
    return tuple(found)


def _backends_of(portrait: Portrait, device: Device) -> dict[str, str]:
    """The backends of the device, or of the one inside it, by property."""
    own = [d for d in portrait.devices if d.path.startswith(f"{device.path}/virtio-bus/")]
    values = {name: value for each in (device, *own) for name, value in each.properties.items()}
    return {n: values[n].strip('"') for n in _BACKENDS if values.get(n, "").strip('"')}


def device_options(arguments: tuple[str, ...]) -> Iterator[tuple[int, Pairs]]:
    """Every `-device` of the arguments: the index of its value, and its fields."""
    for place, (option, value) in enumerate(pairwise(arguments), 1):
        if option == "-device" and value.startswith("{"):
            yield place, tuple(flatten(json.loads(value)))
        elif option == "-device":
            yield place, parse_fields(value, "driver")


def _slot(place: str) -> str:
    """`0x8`, `8` and `08.0` as a PCI path ends: `08.0` (hw/core/qdev-properties-system.c, 10.0)."""
    slot, _, function = place.partition(".")
    try:
        return f"{int(slot, 16):02x}.{int(function or '0', 16):x}"
    except ValueError:
        return place
