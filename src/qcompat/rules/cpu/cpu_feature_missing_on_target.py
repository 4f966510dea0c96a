"""The guest loses processor features: CPUID bits differ on the target.

CPUID is not in the stream. The target's processor is made from its own model and properties, so
the change is there at once, in the running guest (target/i386/cpu.c `cpu_x86_cpuid`).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import FeatureWordDiffers
from qcompat.rules.cpu.cpuid import changed_bits, evidence_of, named, setting
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import CPU

RULE = Rule(
    id="cpu_feature_missing_on_target",
    stage="running",
    position=3,
    effect=Effect(
        "now",
        "CPUID is not in the stream: the processor of the target answers (target/i386/cpu.c "
        "`cpu_x86_cpuid`; KVM: target/i386/kvm/kvm.c `kvm_arch_init_vcpu`)",
    ),
    says={
        "": "The running guest loses processor features: {names}; programs that use them fail",
    },
    foretells=("processor",),
    remedy_at="cpu",
)


def find(comparison: Comparison) -> Iterator[Finding]:
    bits = ((each, changed_bits(each)[0]) for each in comparison.of(FeatureWordDiffers))
    changed = [(each, some) for each, some in bits if some]
    if not changed:
        return
    names = [name for each, some in changed for name in named(each, some)]
    yield Finding(
        rule=RULE.id,
        promise="unchanged",
        certainty="certain",
        subject=CPU,
        args={"names": tuple(names)},
        evidence=evidence_of(each for each, _ in changed),
        remedy=setting(comparison.target.cpu, names, "on"),
    )
