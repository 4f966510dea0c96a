"""The target has fewer processors than the source sends the state of.

Each processor has sections of its own, so the first one too many is an unknown instance
(migration/savevm.c `find_se`).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuCountDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import GUEST

RULE = "cpu_missing_on_target"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(CpuCountDiffers):
        if difference.source <= difference.target:
            continue
        yield Finding(
            rule=RULE,
            promise="loads",
            certainty="certain",
            subject=GUEST,
            summary=f"The target refuses the stream: the source sends {difference.source} "
            f"processors, the target has {difference.target}",
            evidence=(
                Evidence("number of processors", str(difference.source), str(difference.target)),
            ),
            remedy=f"-smp {difference.source}",
        )
