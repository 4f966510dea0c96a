"""A base address register of a PCI function has another size or kind on the target.

The address that a guest programmed into the register travels; the size of the region does not, it
is the target's at once. Devices that firmware placed side by side by their old sizes may then
overlap. If the address has bits that are read-only on the target, the target refuses the stream:
`pci_register_changed` finds that in the stream, and here it is possible where the guest has not
yet programmed the register.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.pci import BarDiffers
from qcompat.portrait.portrait import Bar
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="bar_changed",
    stage="running",
    position=9,
    effect=Effect(
        "now",
        "the size of the region is fixed when the device is made, and is not in the stream "
        "(hw/pci/pci.c `pci_register_bar`)",
    ),
    says={
        "": "The device's {register} is {target} on the target, {source} on the source",
        "larger": "The target may refuse the stream after firmware has placed the device: its "
        "{register} is larger there ({target}, on the source {source}), so an address that suits "
        "the source may not suit the target",
    },
)
ROM = 6


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(BarDiffers):
        register = "expansion ROM" if difference.index == ROM else f"BAR {difference.index}"
        before, after = _text(difference.source), _text(difference.target)
        evidence = (Evidence(f"PCI {register}", before, after),)
        subject = msgspec.structs.replace(
            subject_of(comparison.source, difference.address), register=register
        )
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=subject,
            args={
                "register": register,
                "source": before or "absent",
                "target": after or "gone",
            },
            evidence=evidence,
        )
        if _may_refuse(difference.source, difference.target):
            yield Finding(
                rule=RULE.id,
                promise="loads",
                certainty="possible",
                subject=subject,
                case="larger",
                args={"register": register, "source": before or "", "target": after or ""},
                evidence=evidence,
            )


def _may_refuse(one: Bar | None, other: Bar | None) -> bool:
    return one is not None and other is not None and one.size < other.size


def _text(bar: Bar | None) -> str | None:
    return None if bar is None else f"{bar.kind}, {bar.size:#x} bytes"
