"""A PCI register reads as another value on the target although the stored value is the same.

Such registers are computed when they are read and do not travel, so the guest sees the target's
value at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.pci import ConfigDiffers, ReadDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Finding
from qcompat.rules.pci.registers import differing, evidence_of, unequal, without
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="pci_read_changed",
    stage="running",
    position=8,
    effect=Effect(
        "now",
        "the register is computed when it is read and does not travel",
    ),
    says={"": "The guest reads other values from PCI registers: {registers}"},
)


def find(comparison: Comparison) -> Iterator[Finding]:
    stored = {each.address: each for each in comparison.of(ConfigDiffers)}
    for difference in comparison.of(ReadDiffers):
        known = stored.get(difference.address)
        stored_differ = unequal(known.source, known.target) if known else b""
        bits = without(b"\xff" * len(difference.target), stored_differ)
        registers = differing(difference.source, difference.target, bits)
        if registers:
            yield Finding(
                rule=RULE.id,
                promise="unchanged",
                certainty="certain",
                subject=subject_of(comparison.source, difference.address),
                args={"registers": tuple(register.name for register in registers)},
                evidence=evidence_of(registers, difference.source, difference.target),
            )
