"""The target has a PCI function that the source does not have.

Its state is not in the stream, so it stays as after reset; the guest finds it when it next looks
at the bus.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.pci import FunctionOneSided
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.pci.registers import identity
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="pci_function_added_on_target",
    stage="running",
    position=7,
    effect=Effect(
        "now",
        "the function answers when the guest next looks at the bus, which it may at any time "
        "(hw/pci/pci.c `pci_data_read`)",
    ),
    says={
        "": "The guest finds a new PCI function at {address}, in its reset state",
    },
    explains=(
        "section_missing_on_source",
        "ram_block_missing_on_source",
        "device_added_on_target",
    ),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(FunctionOneSided):
        if difference.target is None:
            continue
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=subject_of(comparison.target, difference.address),
            args={"address": difference.address},
            evidence=(
                Evidence(
                    f"PCI function {difference.address}", None, identity(difference.target.config)
                ),
            ),
        )
