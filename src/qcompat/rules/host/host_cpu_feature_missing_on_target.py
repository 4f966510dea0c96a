"""The target's host cannot give the guest's processor what the source's host gave it.

With `enforce` the target does not start. Without it QEMU leaves the features out, and only warns
on standard error (x86_cpu_filter_features in target/i386/cpu.c, 5.2 to 10.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import FeatureWordDiffers
from qcompat.compare.hosts.differences import HostCpusDiffer
from qcompat.rules.cpu.cpuid import changed_bits, named
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import CPU

if TYPE_CHECKING:
    from qcompat.hosts.cpu.migration import CpuMigration

RULE = Rule(
    id="host_cpu_feature_missing_on_target",
    stage="hosts",
    position=4,
    effect=Effect(
        "now",
        "the processor of the target host answers CPUID as soon as the guest runs "
        "(target/i386/kvm/kvm.c `kvm_arch_init_vcpu`)",
    ),
    says={
        "refused": "The guest cannot move between these hosts: {why}. `qcompat cpu lines` and "
        "`qcompat cpu baseline` show what both hosts can give",
        "": "The running guest loses processor features that the target's host lacks: {names}; "
        "programs that use them fail. `qcompat cpu lines` shows how to start both ends",
        "fatal": "The running guest loses processor features that the target's host lacks: "
        "{names}; programs that use them fail, and the target refuses the guest once it uses "
        "{fatal}. `qcompat cpu lines` shows how to start both ends",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostCpusDiffer):
        if each.source.outcome == "blocked":
            yield _refused(each.source)
        elif names := _lost(comparison, each.source):
            yield _late(each.source, names)


def _refused(move: CpuMigration) -> Finding:
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain",
        subject=CPU,
        case="refused",
        args={"why": move.refusal},
        evidence=(Evidence("the guest's processor", move.source, move.target),),
    )


def _lost(comparison: Comparison, move: CpuMigration) -> list[str]:
    """Those that the portraits do not show already."""
    shown = {
        name
        for each in comparison.of(FeatureWordDiffers)
        for name in named(each, changed_bits(each)[0])
    }
    return [name for name in move.lost if name not in shown]


def _late(move: CpuMigration, names: list[str]) -> Finding:
    return Finding(
        rule=RULE.id,
        promise="unchanged",
        certainty="certain",
        subject=CPU,
        case="fatal" if move.fatal else "",
        args={"names": tuple(names), "fatal": tuple(move.fatal)},
        evidence=tuple(Evidence(name, "on", None) for name in names),
    )
