"""The processor identifies itself differently: vendor, family, model, CPUID levels, address sizes.

Like the feature bits these come from the target's own processor and change in the running guest
(target/i386/cpu.c `cpu_x86_cpuid`). Address bits matter most: firmware and kernels place memory
by them.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuPropertyDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import CPU

RULE = Rule(
    id="cpu_identity_changed",
    stage="running",
    position=5,
    effect=Effect(
        "now",
        "CPUID is not in the stream: the processor of the target answers (target/i386/cpu.c "
        "`cpu_x86_cpuid`; KVM: target/i386/kvm/kvm.c `kvm_arch_init_vcpu`)",
    ),
    says={"": "The running guest finds another processor: {changes}"},
    remedy_at="cpu",
)
SEEN_BY_GUEST = (
    "vendor",
    "family",
    "model",
    "stepping",
    "model-id",
    "level",
    "xlevel",
    "xlevel2",
    "phys-bits",
    "hv-spinlocks",
    "hv-vendor-id",
)
"""Properties of the x86 processor whose value is in CPUID (target/i386/cpu.c)."""


def find(comparison: Comparison) -> Iterator[Finding]:
    changed = tuple(
        each
        for each in comparison.of(CpuPropertyDiffers)
        if each.name in SEEN_BY_GUEST and each.source is not None and each.target is not None
    )
    if not changed:
        return
    settings = ",".join(f"{each.name}={each.source}" for each in changed)
    yield Finding(
        rule=RULE.id,
        promise="unchanged",
        certainty="certain",
        subject=CPU,
        args={"changes": tuple(f"{e.name} {e.source} → {e.target}" for e in changed)},
        evidence=tuple(Evidence(f"CPU {e.name}", e.source, e.target) for e in changed),
        remedy=f"-cpu MODEL,{settings}",
    )
