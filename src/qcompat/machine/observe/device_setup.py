"""One device with the parents and backends that only it uses.

`guest.single` says what a device needs. Here all names are made unique, so that many setups fit
into one guest (`guest_arguments`). They share nothing: no bus gets full, and a backend that takes
one user has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from qcompat.arch.architecture import is_cpu_type
from qcompat.builds.facts import DeviceFact
from qcompat.guest.guest import Guest
from qcompat.guest.option import Option, Pairs, parse_fields
from qcompat.guest.single import Skipped, single_device

OWN = "dut"
_IMPLIED = {
    "device": "driver",
    "object": "qom-type",
    "blockdev": "driver",
    "netdev": "type",
    "chardev": "backend",
    "audiodev": "driver",
    "fsdev": "fsdriver",
}
"""The options that name something, each with the key of its first field (qemu-options.hx)."""
_NUMBER = re.compile(r"-n(\d+)\b")


class DeviceSetup(msgspec.Struct, frozen=True):
    """One device type, ready to be put into a guest.

    `id` identifies the device in the guest; `given` are the properties that the recipe sets, which
    say nothing about the machine type. `options` are its own, the device last; `machine` and
    `memory` are what it needs in `-machine` and `-m`.
    """

    type: str
    id: str
    given: frozenset[str]
    options: tuple[Option, ...]
    machine: Pairs = ()
    memory: Pairs = ()


def device_setups(
    machine: str, devices: Iterable[DeviceFact]
) -> tuple[Mapping[str, DeviceSetup], Mapping[str, str]]:
    """The setups for a board by device type, and why other types have none.

    They depend on the board of `machine`, not on its version. CPU types are left out: they are on
    no bus, and their compat properties are not qdev properties (see `cpu_models`).
    """
    made: dict[str, DeviceSetup] = {}
    skipped: dict[str, str] = {}
    for number, device in enumerate(devices):
        if is_cpu_type(device.type):
            continue
        guest = single_device(machine, device)
        if isinstance(guest, Skipped):
            skipped[device.type] = guest.reason
        else:
            made[device.type] = _setup(device.type, guest, number)
    return made, skipped


def number_in(text: str) -> int | None:
    """The number of the setup that a line from QEMU names first."""
    match = _NUMBER.search(text)
    return int(match[1]) if match else None


def _setup(type_: str, guest: Guest, number: int) -> DeviceSetup:
    options = tuple(_options(guest.arguments))
    *_, device = (option for option in options if option.name == "device")
    own = device.get("id") or OWN
    named = [o.get("id") or o.get("node-name") for o in options if o.name in _IMPLIED]
    names = {name: f"{name}-n{number}" for name in (own, *named) if name}
    kept = [option for option in options if option.name in _IMPLIED and option is not device]
    return DeviceSetup(
        type=type_,
        id=names[own],
        given=frozenset(key for key, _ in device.pairs),
        options=tuple(
            _renamed(o, names) for o in (*kept, device.without("id").adding(("id", own)))
        ),
        machine=_fields(options, "machine")[1:],
        memory=_fields(options, "m")[1:],
    )


def _options(arguments: Iterable[str]) -> Iterable[Option]:
    words = iter(arguments)
    for word in words:
        name = word.removeprefix("-")
        if name == "nodefaults":
            continue
        yield Option(name, parse_fields(next(words), _IMPLIED.get(name, "first")))


def _fields(options: Iterable[Option], name: str) -> Pairs:
    return next((option.pairs for option in options if option.name == name), ())


def _renamed(option: Option, names: Mapping[str, str]) -> Option:
    """Rename in all but the first field, which is a type (`nvme`, which may be a name too)."""
    first, *rest = option.pairs
    return option.having((first, *((key, _rename(value, names)) for key, value in rest)))


def _rename(value: str, names: Mapping[str, str]) -> str:
    """A name, or the bus of the device with that name (`usb.0`), made unique."""
    head, dot, rest = value.partition(".")
    return names[head] + dot + rest if head in names else value
