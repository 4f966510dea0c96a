"""A PCI function of the source is not there on the target.

Where its state is sent, the missing section already refuses the stream; this rule says what the
guest would see.
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
    id="pci_function_missing_on_target",
    stage="running",
    position=6,
    effect=Effect(
        "now",
        "its registers read as all ones as soon as the guest runs (hw/pci/pci_host.c "
        "`pci_data_read`)",
    ),
    says={"": "The guest loses the PCI function at {address}"},
    explains=("device_missing_on_target",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(FunctionOneSided):
        if difference.source is None:
            continue
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=subject_of(comparison.source, difference.address),
            args={"address": difference.address},
            evidence=(
                Evidence(
                    f"PCI function {difference.address}", identity(difference.source.config), None
                ),
            ),
        )
