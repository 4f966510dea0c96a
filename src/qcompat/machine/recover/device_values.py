"""What each device said under each machine type, as one table; values that guests decide.

A value that differs between two devices of one type under one machine type (the board's and
an added one, or the same in guests of different sizes) is not the machine type's to decide:
`num-queues` follows `-smp` until a table sets it. Nor is a link to another object, which says
where that was put, nor text that is not text: 10.0.13 prints what lies in memory behind the
default `osk` of `isa-applesmc`, something else at each start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

from qcompat.machine.model import Observed


class _Configured(Enum):
    CONFIGURED = "decided by the guest's configuration, by a place or by chance"


CONFIGURED: Final = _Configured.CONFIGURED
"""In the place of a value that is not the machine type's to decide."""

_NOT_TEXT = "\N{REPLACEMENT CHARACTER}"
_OBJECT = "/machine/"

DeviceValues = Mapping[str, str | _Configured]
"""Values of one type by property under one machine type."""
SeenValues = Mapping[str, Mapping[str, DeviceValues]]
"""By machine type, then by device type."""


def seen_values(sweeps: Sequence[Mapping[str, Observed]]) -> SeenValues:
    """Join sweeps of one build; where they contradict each other, the guest decides."""
    result: dict[str, dict[str, dict[str, str | _Configured]]] = {}
    for sweep in sweeps:
        for machine, observed in sweep.items():
            seen = result.setdefault(machine, {})
            for devices in (observed.devices, observed.defaults):
                for type, values in devices.items():
                    _join(seen.setdefault(type, {}), values)
    _forget(_undecided(result), result)
    return result


def _join(known: dict[str, str | _Configured], values: Mapping[str, str]) -> None:
    for property, value in values.items():
        if known.setdefault(property, value) != value:
            known[property] = CONFIGURED


def _undecided(seen: SeenValues) -> Collection[tuple[str, str]]:
    """(type, property) that showed a link or garbage once: it may look clean elsewhere by luck."""
    return {
        (type, property)
        for devices in seen.values()
        for type, device_values in devices.items()
        for property, value in device_values.items()
        if value is not CONFIGURED and (_NOT_TEXT in value or value.startswith(_OBJECT))
    }


def _forget(
    those: Iterable[tuple[str, str]],
    seen: Mapping[str, Mapping[str, dict[str, str | _Configured]]],
) -> None:
    for type, property in those:
        for devices in seen.values():
            if property in devices.get(type, {}):
                devices[type][property] = CONFIGURED
