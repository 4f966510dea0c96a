"""The processors are of different models. What that changes is told by the other CPU rules."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuTypeDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import CPU

RULE = "cpu_type_changed"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(CpuTypeDiffers):
        yield Finding(
            rule=RULE,
            promise="unchanged",
            certainty="possible",
            subject=CPU,
            summary=f"The processor model differs: {difference.source} on the source, "
            f"{difference.target} on the target",
            evidence=(Evidence("CPU type", difference.source, difference.target),),
            remedy=f"-cpu {difference.source.removesuffix('-x86_64-cpu')}",
        )
