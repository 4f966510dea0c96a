"""The command line of one guest with many device setups.

Devices stay on the board's root bus, as in a guest with one device: a virtio device takes other
defaults behind a port. The bus has 32 slots, so eight devices share one as its functions; only the
properties `addr` and `multifunction` differ for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle

from qcompat.arch.architecture import board_of
from qcompat.builds.facts import DeviceFact
from qcompat.guest.option import Option, format_fields
from qcompat.guest.single import base_lines
from qcompat.machine.observe.device_setup import DeviceSetup

_SLOTS = range(2, 0x1E)
"""Free on both boards: pc-i440fx has functions in 0 and 1, pc-q35 in 0 and 0x1f (5.2 to 11.1)."""
_PLENTY = (("slots", "16"), ("maxmem", "8G"))
_COUNTERS = {"bus_nr": 128, "chassis": 1, "chassis_nr": 1}
"""Properties that must differ within a guest, with the first number."""

Buses = Mapping[str, str]
"""The kind of bus that a device type is on, by type and alias."""


def buses(devices: Iterable[DeviceFact]) -> Buses:
    """The buses of all types that a build lists."""
    return {name: device.bus for device in devices for name in (device.type, device.alias) if name}


def guest_arguments(machine: str, setups: Sequence[DeviceSetup], buses: Buses) -> list[str]:
    """Arguments of a guest with all of the setups."""
    wanted = {key: value for setup in setups for key, value in setup.machine}
    words = ["-machine", format_fields((("type", machine), *wanted.items()), "type")]
    for line in base_lines(machine):
        words += line.split(" ", 1)
    if any(key == "slots" for setup in setups for key, _ in setup.memory):
        words += ["-m", format_fields(_PLENTY)]
    is_express = board_of(machine).is_express
    for option in _placed((o for i in setups for o in i.options), buses, is_express):
        words += [f"-{option.name}", format_fields(option.pairs, option.pairs[0][0])]
    return words


def _placed(options: Iterable[Option], buses: Buses, is_express: bool) -> Iterator[Option]:
    places = iter((slot, function) for slot in _SLOTS for function in range(8))
    disks = cycle(range(6 if is_express else 2))  # an AHCI has six buses of one disk
    counters = dict(_COUNTERS)
    for option in options:
        bus = _bus(option, buses)
        if option.name == "device":
            option = _counted(option, counters)
        if bus == "PCI":
            yield _on_root(option, "pcie.0" if is_express else "pci.0", *next(places))
        elif bus == "IDE":
            yield option.adding(("bus", f"ide.{next(disks)}"))
        else:
            yield option


def _bus(option: Option, buses: Buses) -> str:
    """The kind of bus for an option's device; empty where its bus is given."""
    if option.name != "device" or option.get("bus") not in ("", "pcie.0", "pci.0"):
        return ""
    return buses.get(option.pairs[0][1], "")


def _on_root(option: Option, bus: str, slot: int, function: int) -> Option:
    placed = option.without("bus", "addr", "multifunction")
    placed = placed.adding(("bus", bus), ("addr", f"{slot:x}.{function}"))
    return placed.adding(("multifunction", "on")) if function == 0 else placed


def _counted(option: Option, counters: dict[str, int]) -> Option:
    for key in counters:
        if option.has(key):
            option = option.without(key).adding((key, str(counters[key])))
            counters[key] += 1
    return option
