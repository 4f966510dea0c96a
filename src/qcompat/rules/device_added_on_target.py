"""The target has a device off PCI that the source does not have; see `device_missing_on_target`."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.devices import DeviceOneSided
from qcompat.rules.finding import Evidence, Finding

RULE = "device_added_on_target"


def find(comparison: Comparison) -> Iterator[Finding]:
    paths = {each.path for each in comparison.of(DeviceOneSided)}
    for difference in comparison.of(DeviceOneSided):
        device = difference.target
        if device is None or device.address or _parent(device.path) in paths:
            continue
        yield Finding(
            rule=RULE,
            promise="unchanged",
            certainty="possible",
            device=device.path,
            summary=f"The target has a new {device.type} at {device.bus or 'the machine'}",
            evidence=(Evidence("device", None, device.path),),
        )


def _parent(path: str) -> str:
    """The device whose bus this one is on: a path alternates buses and devices."""
    return path.rpartition("/")[0].rpartition("/")[0]
