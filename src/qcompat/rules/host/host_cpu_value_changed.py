"""Values of the guest's processor that it takes from its host differ: family, levels, caches…

They are not in the stream, so the running guest sees them change at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.hosts.differences import HostCpusDiffer
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import CPU

RULE = Rule(
    id="host_cpu_value_changed",
    stage="running",
    position=15,
    effect=Effect(
        "now",
        "the processor of the target host answers CPUID as soon as the guest runs "
        "(target/i386/kvm/kvm.c `kvm_arch_init_vcpu`)",
    ),
    says={"": "The running guest sees its processor change: {names}"},
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostCpusDiffer):
        move = each.source
        if move.outcome == "blocked" or not (move.values or move.remarks):
            continue
        names = [*(value.name for value in move.values), *move.remarks]
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=CPU,
            args={"names": tuple(names)},
            evidence=tuple(
                Evidence(value.name, _text(value.source), _text(value.target))
                for value in move.values
            )
            or (Evidence("the hosts", move.source, move.target),),
        )


def _text(value: int | str | None) -> str | None:
    return None if value is None else str(value)
