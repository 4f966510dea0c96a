"""PCI registers differ that the target does not check: subsystem ids, latency and others.

The target takes over the configuration space as a whole (hw/pci/pci.c `get_pci_config_device`
ends in a copy), so the guest keeps the source's values until it powers off. Only a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.pci import ConfigDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Finding
from qcompat.rules.pci.cmask import fatal_bits_of
from qcompat.rules.pci.registers import differing, evidence_of, inverted
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="pci_unchecked_register_changed",
    stage="notes",
    position=6,
    effect=Effect(
        "reset",
        "not before: the target takes over the configuration space that it receives "
        "(hw/pci/pci.c `get_pci_config_device`), and only the reset of a device could change "
        "what cannot be written",
    ),
    says={
        "": "The guest keeps the source's values until it powers off. A guest started on the "
        "target has other values in {registers}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(ConfigDiffers):
        if len(difference.source) != len(difference.target):
            continue
        fatal = fatal_bits_of(comparison.target, difference)
        registers = differing(difference.source, difference.target, inverted(fatal))
        if registers:
            yield Finding(
                rule=RULE.id,
                promise="unchanged",
                certainty="possible",
                subject=subject_of(comparison.source, difference.address),
                args={"registers": tuple(register.name for register in registers)},
                evidence=evidence_of(registers, difference.source, difference.target),
            )
