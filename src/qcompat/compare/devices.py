"""Devices and their properties as the guest's device tree shows them.

Devices are matched by path, which names buses, addresses and ids and so is the same on both
ends for one guest; a device that moved is on one end at each of its paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qcompat.compare.difference import Difference
from qcompat.portrait.portrait import Device, Portrait


class DeviceOneSided(Difference[Device | None], frozen=True, kw_only=True):
    """A device that only one end has."""

    path: str


class PropertyDiffers(Difference[str | None], frozen=True, kw_only=True):
    """A property of a device that both ends have; None where the type has no such property."""

    path: str
    device: str
    address: str
    name: str


def compare_devices(
    source: Portrait, target: Portrait
) -> Iterator[DeviceOneSided | PropertyDiffers]:
    ours = {device.path: device for device in source.devices}
    theirs = {device.path: device for device in target.devices}
    for path in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(path), theirs.get(path)
        if one is None or other is None:
            yield DeviceOneSided(path=path, source=one, target=other)
        elif one.properties != other.properties:
            yield from _properties(one, other)


def _properties(one: Device, other: Device) -> Iterator[PropertyDiffers]:
    for name in sorted(one.properties.keys() | other.properties.keys()):
        before, after = one.properties.get(name), other.properties.get(name)
        if before != after:
            yield PropertyDiffers(
                path=one.path,
                device=one.type,
                address=one.address,
                name=name,
                source=before,
                target=after,
            )


def outermost_off_pci(differences: Iterable[DeviceOneSided]) -> Iterator[DeviceOneSided]:
    """One-sided devices on no PCI bus, without those on a bus of another one-sided device."""
    told = tuple(differences)
    paths = {each.path for each in told}
    for each in told:
        device = each.source or each.target
        # A path alternates buses and devices: the owner of the bus is two steps up.
        owner = each.path.rpartition("/")[0].rpartition("/")[0]
        if device is not None and not device.address and owner not in paths:
            yield each
