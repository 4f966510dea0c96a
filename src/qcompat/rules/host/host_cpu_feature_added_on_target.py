"""The target's host gives the guest's processor features that the source's host lacks.

They are in the running guest at once; software that starts to use them cannot go back.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import FeatureWordDiffers
from qcompat.compare.hosts.differences import HostCpusDiffer
from qcompat.rules.cpu.cpuid import changed_bits, named
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import CPU

RULE = Rule(
    id="host_cpu_feature_added_on_target",
    stage="running",
    position=14,
    effect=Effect(
        "now",
        "the processor of the target host answers CPUID as soon as the guest runs "
        "(target/i386/kvm/kvm.c `kvm_arch_init_vcpu`)",
    ),
    says={
        "": "The running guest gains processor features that the source's host lacks: {names}; "
        "programs that start to use them cannot go back",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    shown = {
        name
        for each in comparison.of(FeatureWordDiffers)
        for name in named(each, changed_bits(each)[1])
    }
    for each in comparison.of(HostCpusDiffer):
        names = [name for name in each.source.gained if name not in shown]
        if names and each.source.outcome != "blocked":
            yield Finding(
                rule=RULE.id,
                promise="unchanged",
                certainty="certain",
                subject=CPU,
                args={"names": tuple(names)},
                evidence=tuple(Evidence(name, None, "on") for name in names),
            )
