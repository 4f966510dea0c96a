"""A function is PCI Express on one end and conventional PCI on the other.

Configuration space has 4096 or 256 bytes accordingly and no length on the wire, so the target
reads the rest of the section from the wrong place (hw/pci/pci.c `pci_config_size`).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.pci import ConfigDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="pci_config_size_changed",
    stage="devices",
    position=1,
    says={
        "": "The target misreads the device's state and refuses the stream: the device has {own} "
        "bytes of PCI configuration space on the target, {sent} on the source",
    },
    explains=("pci_register_changed", "field_layout_changed", "pci_read_changed", "bar_changed"),
    foretells=("configuration byte",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(ConfigDiffers):
        sent, own = len(difference.source), len(difference.target)
        if sent == own:
            continue
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=subject_of(comparison.source, difference.address),
            args={"sent": sent, "own": own},
            evidence=(Evidence("size of PCI configuration space", str(sent), str(own)),),
        )
