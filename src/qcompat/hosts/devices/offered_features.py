"""Which features one build offers with a device on one host, and why not the others. Pure.

A feature is offered where the build has the property, the machine type or the user turns it on,
and the host does not deny it (`limits`). What the build offered when it was asked counts too: a
feature that it did not offer then, with the same value, it does not offer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.hosts.backends.model import Backends, DeviceOffer
from qcompat.hosts.devices.asked import AskedDevice
from qcompat.hosts.devices.features import Feature, features_of
from qcompat.hosts.devices.limits import Limits, limits


class OfferedFeature(msgspec.Struct, frozen=True):
    """One feature on one end: `is_offered` is None where too little is known; `reason` why not.

    `value` is that of its property, None where the build has no such property.
    """

    feature: Feature
    is_offered: bool | None
    value: str | None
    reason: str = ""


def offered_features(
    backends: Backends, offer: DeviceOffer, device: AskedDevice, machine: str, *, vhost: bool
) -> dict[str, OfferedFeature]:
    """Every feature of the device by name, under `machine`, which must be in the capture."""
    denials = limits(backends, device.kind, vhost=vhost)
    values = {**offer.properties, **offer.machines.get(machine, {})}
    values |= {name: value for name, value in device.values.items() if name in offer.properties}
    found = (_offered(row, values, offer, denials, machine) for row in features_of(device.kind))
    return {each.feature.name: each for each in found}


def machines_of(offer: DeviceOffer) -> frozenset[str]:
    """The machine types on which the build's device is known."""
    return frozenset({offer.machine, *offer.machines})


def _offered(
    row: Feature, values: Mapping[str, str], offer: DeviceOffer, denials: Limits, machine: str
) -> OfferedFeature:
    value = values.get(row.property)
    if value is None:
        return OfferedFeature(
            row, False, None, f"QEMU {offer.version} has no property {row.property}"
        )
    if value == row.off:
        return OfferedFeature(row, False, value, f"{row.property} is {row.off} on {machine}")
    for is_offered, reason in _objections(row, value, offer, denials):
        return OfferedFeature(row, is_offered, value, reason)
    return OfferedFeature(row, True, value)


def _objections(
    row: Feature, value: str, offer: DeviceOffer, denials: Limits
) -> Iterator[tuple[bool | None, str]]:
    if row.name in denials.denied:
        yield False, denials.denied[row.name]
    if row.name in denials.unknown:
        yield None, denials.unknown[row.name]
    is_same = offer.properties.get(row.property) == value
    if offer.features is not None and is_same and row.name not in offer.features:
        yield False, f"QEMU {offer.version} did not offer it there when it was asked"
