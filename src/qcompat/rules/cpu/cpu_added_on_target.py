"""The target has more processors than the source sends the state of.

Nothing is refused: the surplus processors keep their reset state (migration/savevm.c has no
check that every section arrived). The guest does not know of them until it is restarted.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuCountDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import GUEST

RULE = "cpu_added_on_target"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(CpuCountDiffers):
        if difference.source >= difference.target:
            continue
        yield Finding(
            rule=RULE,
            promise="unchanged",
            certainty="certain",
            subject=GUEST,
            summary=f"The guest has {difference.source} processors and finds "
            f"{difference.target} on the target; the new ones stay as after reset",
            evidence=(
                Evidence("number of processors", str(difference.source), str(difference.target)),
            ),
            remedy=f"-smp {difference.source}",
        )
