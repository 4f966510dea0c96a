"""From changed devices to entries: as general as the observations justify, no more.

An entry can name a driver when every observed device that it would reach shows the change. An
ancestor that does not have the property itself needs several such devices, and most types below it
must have the property: otherwise they share it by coincidence, as with `edid` of the display
devices, whose next common ancestor is `pci-device`. The driver that covers most devices wins; of
equals the one that defines the property, an inner device before its proxies, then the nearest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from qcompat.machine.model import CompatEntry
from qcompat.machine.recover.reach import Reach

_SEVERAL = 3


class Change(msgspec.Struct, frozen=True):
    """One property at one release: which devices have it, which of them took the new value.

    `kept` are devices that an earlier release already set to it; `outer` are proxies that an
    earlier entry names themselves, so that entries for their inner device have no effect.
    """

    property: str
    value: str
    holders: frozenset[str]
    changed: frozenset[str]
    kept: frozenset[str] = frozenset()
    outer: frozenset[str] = frozenset()


def entries(change: Change, reach: Reach) -> tuple[CompatEntry, ...]:
    """The fewest entries that describe the change, the most general first."""
    reached = _reached(change, reach)
    candidates = _justified(change, reached, reach)
    left = set(change.changed)
    found: list[str] = []
    while left:
        best = max(
            (driver for driver in candidates if candidates[driver] & left),
            key=lambda driver: _merit(driver, candidates[driver] & left, change, reach),
        )
        found.append(best)
        left -= candidates[best]
    return tuple(
        CompatEntry(driver, change.property, change.value)
        for driver in sorted(found, key=lambda driver: (reach.depth(driver), driver))
    )


def _justified(
    change: Change, reached: Mapping[str, set[str]], reach: Reach
) -> Mapping[str, set[str]]:
    """Drivers for which all devices they reach show the change, each with these devices.

    A device that no such driver reaches is named itself, even if that reaches others too: these
    then need an entry of their own.
    """
    showing = change.changed | change.kept
    found = {
        driver: devices
        for driver, devices in reached.items()
        if devices <= showing and _may_name(driver, devices, change, reach)
    }
    covered = {device for devices in found.values() for device in devices}
    return found | {type: reached[type] for type in change.changed - covered}


def _may_name(driver: str, devices: Collection[str], change: Change, reach: Reach) -> bool:
    if driver in devices or reach.has(driver, change.property):
        return True
    several = reach.is_device(driver) and len(devices) >= _SEVERAL
    return several and reach.mostly_have(driver, change.property)


def _reached(change: Change, reach: Reach) -> Mapping[str, set[str]]:
    """By driver the holders on which an entry of it would have an effect."""
    result: dict[str, set[str]] = {}
    for type in change.holders:
        own = reach.own(type)
        for driver in own if type in change.outer else reach.drivers(type, change.property):
            result.setdefault(driver, set()).add(type)
    return result


def _merit(
    driver: str, covered: Collection[str], change: Change, reach: Reach
) -> tuple[int, bool, bool, int, str]:
    inside = any(driver in reach.inside(type, change.property) for type in covered)
    defines = reach.defines(driver, change.property)
    return len(covered), defines, inside, reach.depth(driver), driver
