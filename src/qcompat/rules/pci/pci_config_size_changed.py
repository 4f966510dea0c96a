"""A function is PCI Express on one end and conventional PCI on the other.

Configuration space has 4096 or 256 bytes accordingly and no length on the wire, so the target
reads the rest of the section from the wrong place (hw/pci/pci.c `pci_config_size`).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.pci import ConfigDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import subject_of

RULE = "pci_config_size_changed"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(ConfigDiffers):
        sent, own = len(difference.source), len(difference.target)
        if sent == own:
            continue
        yield Finding(
            rule=RULE,
            promise="loads",
            certainty="certain",
            subject=subject_of(comparison.source, difference.address),
            summary=f"The target misreads the device's state and refuses the stream: it has {own} "
            f"bytes of PCI configuration space there, the source {sent}",
            evidence=(Evidence("size of PCI configuration space", str(sent), str(own)),),
        )
