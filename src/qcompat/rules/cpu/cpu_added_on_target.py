"""The target has more processors than the source.

Nothing is refused: the surplus processors keep their reset state (migration/savevm.c has no check
that every section arrived). The guest does not know of them until it is restarted.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuCountDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="cpu_added_on_target",
    stage="running",
    position=1,
    effect=Effect(
        "now",
        "the registers of processor hot plug and the topology in CPUID show the number of the "
        "target (hw/acpi/cpu.c, target/i386/cpu.c)",
    ),
    says={
        "": "The guest has {source} processors and finds {target} on the target; the additional "
        "ones keep their reset state",
    },
    remedy_at="cpu",
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(CpuCountDiffers):
        if difference.source >= difference.target:
            continue
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=GUEST,
            args={"source": difference.source, "target": difference.target},
            evidence=(
                Evidence("number of processors", str(difference.source), str(difference.target)),
            ),
            remedy=f"-smp {difference.source}",
        )
