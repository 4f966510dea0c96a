"""A register of PCI configuration space differs, and the target checks it.

`Bad config data: i=0x… read: … device: …` (hw/pci/pci.c `get_pci_config_device`). QEMU names the
first byte only; here every register is named. `cmask.py` says what is compared. Reasons seen in
releases: a capability added or moved, another number of vectors, another id or revision, other
default bits.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.pci import ConfigDiffers
from qcompat.rules.finding import Finding
from qcompat.rules.pci.cmask import fatal_bits_of
from qcompat.rules.pci.registers import differing, evidence_of
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="pci_register_changed",
    stage="devices",
    position=2,
    says={
        "": "The target refuses the stream: the PCI configuration space differs in {registers}",
    },
    explains=("pci_read_changed", "field_layout_changed"),
    foretells=("configuration byte",),
    travels=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(ConfigDiffers):
        if len(difference.source) != len(difference.target):
            continue
        bits = fatal_bits_of(comparison.target, difference)
        registers = differing(difference.source, difference.target, bits)
        if registers:
            yield Finding(
                rule=RULE.id,
                promise="loads",
                certainty="certain",
                subject=subject_of(comparison.source, difference.address),
                args={"registers": tuple(register.name for register in registers)},
                evidence=evidence_of(registers, difference.source, difference.target),
            )
