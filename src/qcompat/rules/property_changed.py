"""A device's property has another effective value on the target.

By itself only noted: what the guest would see of it shows in PCI space, CPUID, queues, ACPI,
SMBIOS or memory and is found there. Properties that name back ends or that only one of the
builds has are left out, since both ends have stand-ins and a build without a property has its
behaviour built in.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from qcompat.compare.comparison import Comparison
from qcompat.compare.devices import PropertyDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import name_of

RULE = "property_changed"


def find(comparison: Comparison) -> Iterator[Finding]:
    differences = [each for each in comparison.of(PropertyDiffers) if each.source and each.target]
    for path, group in groupby(differences, key=lambda each: each.path):
        changed = tuple(group)
        names = ", ".join(f"{each.name} ({each.source} → {each.target})" for each in changed)
        yield Finding(
            rule=RULE,
            promise="unchanged",
            certainty="possible",
            device=name_of(comparison.source, changed[0].address) or path,
            summary=f"{changed[0].device} has other properties on the target: {names}",
            evidence=tuple(
                Evidence(f"{each.device}.{each.name}", each.source, each.target) for each in changed
            ),
        )
