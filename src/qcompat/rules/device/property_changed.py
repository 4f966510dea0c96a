"""Properties of devices have other effective values on the target.

Only a note: what the guest would see of it shows in PCI space, CPUID, queues, ACPI, SMBIOS or
memory and is found there. One change of many devices (a default of their common base) is reported
once. Properties that only one build has are left out, since a build without a property has its
behaviour built in, and so are other spellings of one number.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.devices import PropertyDiffers
from qcompat.remedy.places import HOST_SIDE
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST, Subject, device_of_type

RULE = Rule(
    id="property_changed",
    stage="notes",
    position=7,
    effect=Effect(
        "now",
        "what a property changes is not known here; where the guest can see it, another rule "
        "says when",
    ),
    says={
        "": "The property {name} of {device} is {source} on the source and {target} on the target",
        "many": "The property {name} of {device} and {others} more devices is {source} on the "
        "source and {target} on the target",
    },
    names_settings=True,
)

DEFAULTS_ONLY = frozenset({"rombar"})
"""Properties whose default later releases write differently without another effect: `rombar`
is -1 for "not set" since 10.0."""

Change = tuple[str, str, str]


def find(comparison: Comparison) -> Iterator[Finding]:
    changes: dict[Change, list[PropertyDiffers]] = {}
    for each in comparison.of(PropertyDiffers):
        if each.name in DEFAULTS_ONLY | HOST_SIDE:
            continue
        if each.source is not None and each.target is not None:
            changes.setdefault((each.name, each.source, each.target), []).append(each)
    for (name, before, after), devices in changes.items():
        first = devices[0]
        subject = device_of_type(comparison.source, first.address, first.device)
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="possible",
            subject=_part(subject, name) if len(devices) == 1 else GUEST,
            case="many" if len(devices) > 1 else "",
            args={
                "name": name,
                "device": subject,
                "others": len(devices) - 1,
                "source": before,
                "target": after,
            },
            evidence=tuple(Evidence(f"property {e.device}.{name}", before, after) for e in devices),
        )


def _part(subject: Subject, name: str) -> Subject:
    return msgspec.structs.replace(subject, property_=name)
