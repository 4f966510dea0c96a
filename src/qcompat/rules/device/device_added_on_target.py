"""The target has a device off PCI that the source does not have; see `device_missing_on_target`."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.devices import DeviceOneSided, outermost_off_pci
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import Subject

RULE = Rule(
    id="device_added_on_target",
    stage="notes",
    position=2,
    effect=Effect(
        "now",
        "the device answers as soon as the guest runs, if the guest looks for it",
    ),
    says={"": "The target has a new {type} at {bus}"},
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in outermost_off_pci(comparison.of(DeviceOneSided)):
        device = difference.target
        if device is None:
            continue
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="possible",
            subject=Subject("device", device.type, device.id, path=device.path),
            args={"type": device.type, "bus": device.bus or "the machine"},
            evidence=(Evidence("device", None, device.path),),
        )
