"""The target has a device off PCI that the source does not have; see `device_missing_on_target`."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.devices import DeviceOneSided, outermost_off_pci
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import Subject

RULE = "device_added_on_target"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in outermost_off_pci(comparison.of(DeviceOneSided)):
        device = difference.target
        if device is None:
            continue
        yield Finding(
            rule=RULE,
            promise="unchanged",
            certainty="possible",
            subject=Subject("device", device.type, device.id, path=device.path),
            summary=f"The target has a new {device.type} at {device.bus or 'the machine'}",
            evidence=(Evidence("device", None, device.path),),
        )
