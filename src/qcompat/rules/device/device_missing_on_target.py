"""The target lacks a device of the source.

PCI functions have a rule of their own; this one is for devices on ISA, USB, SCSI and other buses,
which the guest finds in other ways.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.devices import DeviceOneSided, outermost_off_pci
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import Subject

RULE = Rule(
    id="device_missing_on_target",
    stage="notes",
    position=1,
    effect=Effect(
        "now",
        "the device no longer answers as soon as the guest runs",
    ),
    says={"": "The target has no {type} at {bus}"},
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in outermost_off_pci(comparison.of(DeviceOneSided)):
        device = difference.source
        if device is None:
            continue
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="possible",
            subject=Subject("device", device.type, device.id, path=device.path),
            args={"type": device.type, "bus": device.bus or "the machine"},
            evidence=(Evidence("device", device.path, None),),
        )
