"""Which device of a guest is whose: from `info qtree` back to the types that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qcompat.machine.model import Values
from qcompat.machine.observe.device_setup import Island
from qcompat.machine.observe.values import own_values, qtree_value
from qcompat.portrait.monitor_info import read_qtree
from qcompat.portrait.portrait import Device


def read_islands(qtree: str, islands: Iterable[Island]) -> dict[str, Mapping[str, Values]]:
    """By requested type: its values and those of the devices that it brought, by their type.

    A type that sits on no bus is not in the answer: `info qtree` goes along buses.
    """
    devices = read_qtree(qtree)
    place = {device.id: number for number, device in enumerate(devices) if device.id}
    found: dict[str, Mapping[str, Values]] = {}
    for island in islands:
        if island.id in place:
            own = devices[place[island.id]]
            family = (own, *_brought(own, devices[place[island.id] + 1 :]))
            found[island.type] = _by_type(family, island.given)
    return found


def read_defaults(qtree: str) -> dict[str, Values]:
    """What a guest without any device has all the same, by type.

    Of several devices of one type only what all of them say is the type's: a board gives each
    of its two interrupt controllers a place of its own.
    """
    found: dict[str, Values] = {}
    for device in read_qtree(qtree):
        said = _by_type([device], ())[device.type]
        before = found.get(device.type, said)
        found[device.type] = {k: v for k, v in before.items() if said.get(k) == v}
    return found


def _brought(own: Device, after: Sequence[Device]) -> Iterable[Device]:
    """The devices below it, which QEMU lists right after it; with an id it is someone else's."""
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
