"""The source sends a system register that the target's processor does not have.

An Arm processor sends its system registers as a list of numbers and values. The target takes over
those that it has too; one that it does not have makes it refuse the stream (target/arm/machine.c,
cpu_post_load); one that the source does not have is `cpu_register_missing_on_source`. Which there
are follows from QEMU's code under TCG, also between two stable updates, and from the host's kernel
under KVM; no compat entry reaches them.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuPropertyDiffers, CpuTypeDiffers
from qcompat.compare.guest import ArgumentDiffers
from qcompat.compare.stream.registers import RegistersDiffer
from qcompat.rules.cpu.arm_registers import evidence_of, name_of, refused_by
from qcompat.rules.finding import Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="cpu_register_missing_on_target",
    stage="sections",
    position=12,
    says={
        "": "The target refuses the stream: the source's processor has system registers that the "
        "target's has not: {names}",
        "tcg": "The target refuses the stream: the source's processor has system registers that "
        "the target's has not: {names}. Under TCG the list is QEMU's own, and "
        "no property or machine type changes it: keep the guest on builds that have the same list, "
        "such as the source's own, or let it power off and start on the target",
        "kvm": "The target refuses the stream: the source's processor has system registers that "
        "the target's has not: {names}. Under KVM the list is that of the "
        "host's kernel: take portraits on both hosts (`qcompat portrait take`), and run the same "
        "kernel on both",
    },
    explains=("checked_value_changed", "cpu_register_missing_on_target"),
    foretells=("system register", "state"),
    travels=True,
    remedy_at="cpu",
)

_NAMED = 8


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(RegistersDiffer):
        missing = refused_by(comparison.target, difference.source, difference.target)
        if not missing:
            continue
        names = tuple(name_of(index) for index in missing[:_NAMED])
        more = len(missing) - len(names)
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=subject_of(comparison.source, difference.idstr),
            case=_case(comparison),
            args={"names": (*names, *((f"{more} more",) if more else ()))},
            evidence=evidence_of(difference, missing),
        )


def _case(comparison: Comparison) -> str:
    """Whose list it is; empty where the guests are set differently, which may be the reason."""
    is_same = not comparison.of(ArgumentDiffers)
    if not is_same or comparison.of(CpuTypeDiffers):
        return ""
    accel = comparison.target.accel
    return "" if accel == "tcg" and comparison.of(CpuPropertyDiffers) else accel
