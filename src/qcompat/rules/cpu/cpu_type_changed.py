"""The processors are of different models. The other CPU rules find what that changes."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.arch.architecture import cpu_model
from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuTypeDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import CPU

RULE = Rule(
    id="cpu_type_changed",
    stage="running",
    position=2,
    effect=Effect(
        "now",
        "the processor of the target answers as soon as the guest runs (target/i386/cpu.c "
        "`cpu_x86_cpuid`)",
    ),
    says={
        "": "The processor model differs: {source} on the source, {target} on the target",
    },
    foretells=("processor",),
    remedy_at="cpu",
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(CpuTypeDiffers):
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="possible",
            subject=CPU,
            args={"source": difference.source, "target": difference.target},
            evidence=(Evidence("CPU type", difference.source, difference.target),),
            remedy=f"-cpu {cpu_model(difference.source)}",
        )
