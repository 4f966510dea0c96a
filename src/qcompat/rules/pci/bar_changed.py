"""A base address register of a PCI function has another size or kind on the target.

What a guest programmed into the register travels, the size of what answers there does not: it
is the target's at once. Firmware that placed devices closely by the old sizes may leave them
overlapping; and address bits that the target takes for read-only refuse the stream, which is
told by `pci_register_changed` from what is in the stream, and is possible where the guest had
not yet programmed the register.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.pci import BarDiffers
from qcompat.portrait.portrait import Bar
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="bar_changed",
    stage="running",
    position=9,
    says={
        "": "The device's {register} is {target} on the target, {source} on the source",
        "larger": "The target may refuse the stream once firmware placed the device: its "
        "{register} is larger there ({target}, on the source {source}), and an address that "
        "fits the source need not fit the target",
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
