"""What `info qtree` shows: the device of each setup, and property values in one form.

The text is as qdev prints it (hw/core/qdev-properties.c and the monitor's qdev_print_props,
5.2 to 11.1): strings quoted, booleans as `true`, numbers in two bases or as sizes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from qcompat.machine.model import Values
from qcompat.machine.observe.device_setup import DeviceSetup
from qcompat.portrait.monitor_info import read_qtree
from qcompat.portrait.portrait import Device

_EXPLAINED = re.compile(r"^(-?\d+) \((0x[0-9a-f]+|[\d.]+ [KMGTPE]?i?B)\)$")
_HEX = re.compile(r"^0x[0-9a-fA-F]+$")
_BOOLEANS = {"true": "on", "false": "off"}

IDENTITY: Mapping[str, str] = {
    "addr": "the place on its bus, given by the group or by the order of devices",
    "multifunction": "set on the first device of a slot, to let others join it",
    "bootindex": "an order that the user gives",
    "chassis": "must differ within a guest",
    "chassis_nr": "must differ within a guest",
    "slot": "must differ within a guest, or is the next free one",
    "port": "the place on its bus: the next free one",
    "bus_nr": "must differ within a guest",
    "busnr": "the number of the bus that it is on",
    "mac": "counted up for every network card of the guest",
    "scsi-id": "the next free one",
    "cad": "the next free one",
    "nr": "the next free one",
    "nsid": "the next free one",
    "uuid": "made at random",
    "memaddr": "the next free address",
    "sas_address": "made of the place on the PCI bus",
    "subsys": "the path of another device, which counts those before it",
    "osk": "its default has no end, so that QEMU prints memory behind it too (applesmc.c, 5.2)",
    "isa-serial.index": "counted up for every serial port of the guest",
    "isa-serial.iobase": "follows the index",
    "isa-serial.irq": "follows the index",
    "isa-parallel.index": "counted up for every parallel port of the guest",
    "isa-parallel.iobase": "follows the index",
}
"""Properties that identify or place a device; `TYPE.NAME` is for that type only."""


def qtree_value(text: str) -> str:
    """A property's text in one form: `"net0"`, `true`, `0x10`, `4 (0x4)`, `1 (1 B)`."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    if match := _EXPLAINED.match(text):
        return match[1]
    if _HEX.match(text):
        return str(int(text, 16))
    return _BOOLEANS.get(text, text)


def typed_value(value: object) -> str | None:
    """A value from QMP in the same form; None for lists and objects."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, str | int | float) else None


def own_values(type_: str, values: Values, given: Collection[str] = ()) -> Values:
    """The values that can depend on the machine type."""
    return {
        name: value
        for name, value in values.items()
        if name not in given and name not in IDENTITY and f"{type_}.{name}" not in IDENTITY
    }


def read_devices(qtree: str, setups: Iterable[DeviceSetup]) -> dict[str, Mapping[str, Values]]:
    """By requested type: its values and those of the devices that it made, by their type.

    A type that is on no bus is not in the answer: `info qtree` follows buses.
    """
    devices = read_qtree(qtree)
    place = {device.id: number for number, device in enumerate(devices) if device.id}
    found: dict[str, Mapping[str, Values]] = {}
    for setup in setups:
        if setup.id in place:
            own = devices[place[setup.id]]
            family = (own, *_brought(own, devices[place[setup.id] + 1 :]))
            found[setup.type] = _by_type(family, setup.given)
    return found


def read_defaults(qtree: str) -> dict[str, Values]:
    """The devices of a guest to which none was added, by type.

    Of several devices of one type only equal values count: a board gives each of its two interrupt
    controllers an address of its own.
    """
    found: dict[str, Values] = {}
    for device in read_qtree(qtree):
        said = _by_type([device], ())[device.type]
        before = found.get(device.type, said)
        found[device.type] = {k: v for k, v in before.items() if said.get(k) == v}
    return found


def _brought(own: Device, after: Sequence[Device]) -> Iterable[Device]:
    """The devices below it, which QEMU lists right after it; one with an id is not its own."""
    for device in after:
        if not device.path.startswith(own.path + "/"):
            return
        if not device.id:
            yield device


def _by_type(devices: Iterable[Device], given: Iterable[str]) -> Mapping[str, Values]:
    left_out = frozenset(given)
    found: dict[str, Values] = {}
    for device in devices:
        said = {name: qtree_value(text) for name, text in device.properties.items()}
        found.setdefault(device.type, own_values(device.type, said, left_out))
    return found
