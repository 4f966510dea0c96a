"""What each device shows under each machine type, in one table; which values the guest decides.

The machine type does not decide a value that differs between two devices of one type (the board's
and an added one, or the same in guests of different sizes): `num-queues` follows `-smp` until a
table sets it. Nor does it decide a link to another object, or garbage: 10.0.13 prints the memory
behind the default `osk` of `isa-applesmc`, which differs at each start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

from qcompat.machine.model import Observed


class _Configured(Enum):
    CONFIGURED = "decided by the guest's configuration, by a place or by chance"


CONFIGURED: Final = _Configured.CONFIGURED
"""Replaces a value that the machine type does not decide."""

_NOT_TEXT = "\N{REPLACEMENT CHARACTER}"
_OBJECT = "/machine/"

DeviceValues = Mapping[str, str | _Configured]
"""Values of one type by property under one machine type."""
SeenValues = Mapping[str, Mapping[str, DeviceValues]]
"""By machine type, then by device type."""


def seen_values(runs: Sequence[Mapping[str, Observed]]) -> SeenValues:
    """Join the observations of one build; where they contradict each other, the guest decides."""
    result: dict[str, dict[str, dict[str, str | _Configured]]] = {}
    for run in runs:
        for machine, observed in run.items():
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
    """(type, property) that showed a link or garbage once; elsewhere it may look clean."""
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
