"""Asking a QEMU which devices there are now, and which of them came after the start.

QEMU says of each device whether it was plugged (`hotplugged`, hw/core/qdev.c, 5.2 to 11.1).
Memory modules and processors are on no bus, so `info qtree` does not have them; here they are.
A running guest and its twin are asked the same questions, and their answers are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec

from qcompat.errors import CommandError
from qcompat.portrait.running.observed import (
    ANONYMOUS,
    NAMED,
    Peripheral,
    Processor,
    Value,
)

PLACES = frozenset(
    {
        *("addr", "port", "channel", "scsi-id", "lun", "nr", "unit", "slot", "node", "memaddr"),
        *("devno", "mac"),
    }
)
"""Properties that say where a device is; QEMU fills in those that the user left out."""
BACKENDS = frozenset(
    {
        *("drive", "netdev", "chardev", "memdev", "audiodev", "fsdev", "cryptodev", "iothread"),
        *("rng", "tpmdev"),
    }
)
"""Properties that name a back end."""
OBJECTS = "/objects"
_OF_QEMU = frozenset({"type", "parent_bus", "realized", "hotplugged", "hotpluggable"})
_PROCESSOR = ("query-hotpluggable-cpus", "qom-path")
_DEVICE = re.compile(r'^ *dev: (?P<type>[^,]+), id "(?P<id>.*)"$')
_ATTACHED = re.compile(r"^ *addr \d+\.\d+, port (?P<port>[\d.]+), speed ")
CHILD = re.compile(r"child<(?P<type>.+)>$")
"""How `qom-list` writes the type of an object that another holds."""


class Ask(Protocol):
    """One question to a QEMU, ours or not. Raises CommandError where QEMU refuses it."""

    async def __call__(self, command: str, **arguments: Any) -> Any: ...


async def ask_processors(ask: Ask) -> tuple[Processor, ...]:
    """The places for processors, in QEMU's order; none where the machine cannot plug any."""
    try:
        found = await ask(_PROCESSOR[0])
    except CommandError:
        return ()
    return tuple(
        Processor(
            {k: v for k, v in sorted(each["props"].items()) if k != "node-id"},
            str(each.get(_PROCESSOR[1], "")),
        )
        for each in found
    )


async def ask_peripherals(
    ask: Ask, qtree: str, processors: Iterable[Processor]
) -> tuple[Peripheral, ...]:
    """The devices that a user made, by path; `qtree` is what `info qtree` says."""
    places = {each.path: each.place for each in processors if each.path}
    ports = _usb_ports(qtree)
    found: list[Peripheral] = []
    for room in (NAMED, ANONYMOUS):
        for each in await ask("qom-list", path=room):
            if match := CHILD.match(str(each["type"])):
                path = f"{room}/{each['name']}"
                one = await _peripheral(ask, path, match["type"])
                own = places.get(path) or _with_port(one, ports)
                found.append(msgspec.structs.replace(one, place=own))
    return tuple(sorted(found, key=lambda each: (each.id, each.number)))


async def with_properties(ask: Ask, one: Peripheral) -> Peripheral:
    """The device with every single value that it lists, but for its place and its back ends."""
    own = await ask_properties(ask, one.path)
    kept = {name: value for name, value in own.items() if name not in PLACES | BACKENDS}
    return msgspec.structs.replace(one, properties=kept)


async def ask_properties(ask: Ask, path: str) -> dict[str, Value]:
    """Every single value of a device or object that QEMU lists, but those that it sets itself."""
    listed = await ask("qom-list", path=path)
    names = {str(each["name"]) for each in listed if _is_single(str(each["type"]))}
    own = sorted(name for name in names - _OF_QEMU if not name.startswith("legacy-"))
    values = {name: await _value(ask, path, name) for name in own}
    return {name: value for name, value in values.items() if value is not None}


def _is_single(type_: str) -> bool:
    return not type_.startswith(("child<", "link<"))


async def _peripheral(ask: Ask, path: str, type_: str) -> Peripheral:
    listed = {str(each["name"]): str(each["type"]) for each in await ask("qom-list", path=path)}
    bus = str(await _value(ask, path, "parent_bus") or "")
    place = {name: await _value(ask, path, name) for name in sorted(PLACES & listed.keys())}
    known = {name: value for name, value in place.items() if value is not None}
    if listed.get("addr") in ("str", "int32") and "addr" in known:  # of PCI, not of memory
        known["addr"] = pci_place(known["addr"])
    backends = {name: await _value(ask, path, name) for name in sorted(BACKENDS & listed.keys())}
    return Peripheral(
        path=path,
        type=type_,
        is_plugged=bool(await _value(ask, path, "hotplugged")),
        bus=bus,
        place=known,
        backends={n: name for n, value in backends.items() if (name := _back_end(value))},
    )


async def _value(ask: Ask, path: str, name: str) -> Value | None:
    """One property; None where it cannot be read, or is no single value."""
    try:
        value = await ask("qom-get", path=path, property=name)
    except CommandError:
        return None
    return value if isinstance(value, bool | int | float | str) else None


def _back_end(value: Value | None) -> str:
    """The name of a back end; empty for none, and for one that belongs to the device itself."""
    text = str(value or "")
    if text.startswith("/"):
        room, _, name = text.rpartition("/")
        return name if room == OBJECTS else ""
    return text


def pci_place(at: Value) -> str:
    """A PCI place as a line and `info qtree` have it; it comes as a number (devfn), or as text."""
    text = str(at)
    if not text.lstrip("-").isdecimal():
        return text
    return f"{int(text) >> 3:02x}.{int(text) & 7:x}"


def _with_port(
    one: Peripheral, ports: Mapping[tuple[str, str], tuple[str, ...]]
) -> dict[str, Value]:
    """Where it is, with the port that QEMU chose for a USB device."""
    found = ports.get((one.type, one.id), ())
    place = dict(one.place)
    if len(found) == 1 and not place.get("port"):
        place["port"] = found[0]
    return {name: value for name, value in place.items() if value != ""}


def _usb_ports(qtree: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The ports of USB devices, by type and id; several where nothing tells devices apart."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    who = ("", "")
    for line in qtree.splitlines():
        if match := _DEVICE.match(line):
            who = (match["type"], match["id"])
        elif match := _ATTACHED.match(line):
            found[who] = (*found.get(who, ()), match["port"])
    return found
