"""The changes of SMBIOS structures that count, and those that do not."""

from __future__ import annotations

from qcompat.compare.comparison import Comparison
from qcompat.compare.firmware.change import SmbiosChange
from qcompat.rules.firmware.noticed import Weight, weight_of


def changes_of(comparison: Comparison, weight: Weight) -> tuple[SmbiosChange, ...]:
    """The changes of that weight, over all structures."""
    return tuple(
        change for change in comparison.of(SmbiosChange) if weight_of(change.kind) == weight
    )
