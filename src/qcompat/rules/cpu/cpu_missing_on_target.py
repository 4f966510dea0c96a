"""The source sends the state of more processors than the target has.

Each processor has sections of its own, so the first surplus one is an unknown instance
(migration/savevm.c `find_se`).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuCountDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="cpu_missing_on_target",
    stage="sections",
    position=2,
    says={
        "": "The target refuses the stream: the source sends the state of {source} processors, "
        "the target has {target}",
    },
    foretells=("unknown section",),
    remedy_at="cpu",
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(CpuCountDiffers):
        if difference.source <= difference.target:
            continue
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=GUEST,
            args={"source": difference.source, "target": difference.target},
            evidence=(
                Evidence("number of processors", str(difference.source), str(difference.target)),
            ),
            remedy=f"-smp {difference.source}",
        )
