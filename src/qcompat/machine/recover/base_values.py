"""The values of properties that no table sets: those of the newest machine types.

Even the newest machine type has a table of its board (`pc_q35_compat_defaults`,
hw/i386/pc_q35.c), which other boards lack: where boards differ, the class default counts if
one of them shows it, otherwise what most of them show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from qcompat.machine.model import TypeFact, Values
from qcompat.machine.recover.device_values import CONFIGURED, DeviceValues, SeenValues
from qcompat.machine.recover.families import Family
from qcompat.machine.recover.reach import Reach


def base_values(
    seen: SeenValues, boards: Sequence[Family], types: Mapping[str, TypeFact]
) -> dict[str, Values]:
    """Values by type; a property that guests decide on some newest machine type has none."""
    names = sorted({type for machine in seen.values() for type in machine})
    return {name: _values(_newest(name, seen, boards), types.get(name)) for name in names}


def with_inner(base: Mapping[str, Values], reach: Reach) -> dict[str, Values]:
    """The same; a proxy also gets the shared properties that the device inside it shows."""
    return {type: _inside(type, base, reach) | dict(values) for type, values in base.items()}


def _inside(type: str, base: Mapping[str, Values], reach: Reach) -> dict[str, str]:
    inner = base.get(reach.inner(type) or "", {})
    return {property: value for property, value in inner.items() if reach.has(type, property)}


def _newest(
    type: str, seen: SeenValues, boards: Sequence[Family]
) -> list[tuple[Family, DeviceValues]]:
    """For each board what the newest of its machine types that has the device shows."""
    result = []
    for family in boards:
        for machine in family.machines:
            if device_values := seen.get(machine, {}).get(type):
                result.append((family, device_values))
                break
    return result


def _values(shown: Sequence[tuple[Family, DeviceValues]], fact: TypeFact | None) -> Values:
    properties = sorted({property for _, device_values in shown for property in device_values})
    result = {}
    for property in properties:
        default = fact.properties.get(property) if fact else None
        if (value := _value(property, shown, default)) is not None:
            result[property] = value
    return result


def _value(
    property: str, shown: Sequence[tuple[Family, DeviceValues]], default: str | None
) -> str | None:
    having = [
        (family, device_values[property])
        for family, device_values in shown
        if property in device_values
    ]
    versioned = [value for family, value in having if family.is_versioned]
    values = versioned or [value for _, value in having]
    if CONFIGURED in values:
        return None
    if default is not None and any(value == default for _, value in having):
        return default
    counted = Counter(value for value in values if value is not CONFIGURED)
    return max(counted, key=counted.__getitem__)
