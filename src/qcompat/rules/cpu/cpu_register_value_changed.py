"""A system register that a processor keeps has another value on the ends.

Having taken over the list of an Arm processor's system registers, the target writes each value and
reads it back: a register that keeps its own value makes it refuse the stream
(target/arm/helper.c, write_list_to_cpustate). Which do was measured (`arm_registers.toml`); the
others take over the source's value. Under KVM the host's kernel decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.registers import RegistersDiffer
from qcompat.rules.cpu.arm_registers import Kept, evidence_of, keeps_its_value, name_of, unequal
from qcompat.rules.finding import Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="cpu_register_value_changed",
    stage="sections",
    position=13,
    says={
        "": "The target refuses the stream: its processor keeps its own value of {names}, and the "
        "source sends another",
        "unknown": "It is not known whether the target takes over the source's value of {names}, "
        "system registers of the processor",
    },
    explains=("cpu_register_value_changed",),
    foretells=("state",),
    travels=True,
    remedy_at="cpu",
)


def find(comparison: Comparison) -> Iterator[Finding]:
    is_kvm = comparison.target.accel == "kvm"
    for difference in comparison.of(RegistersDiffer):
        changed = unequal(difference.source, difference.target)
        by_kept: dict[Kept | None, list[int]] = {}
        for index in changed:
            by_kept.setdefault(keeps_its_value(index), []).append(index)
        kept = [] if is_kvm else by_kept.get("yes", [])
        asked = by_kept.get("yes", []) if is_kvm else []
        unknown = [*asked, *by_kept.get("part", []), *by_kept.get(None, [])]
        if kept:
            yield _finding(comparison, difference, kept)
        if unknown:
            yield _finding(comparison, difference, unknown, case="unknown")


def _finding(
    comparison: Comparison, difference: RegistersDiffer, indexes: list[int], case: str = ""
) -> Finding:
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="possible" if case else "certain",
        subject=subject_of(comparison.source, difference.idstr),
        case=case,
        args={"names": tuple(map(name_of, indexes))},
        evidence=evidence_of(difference, indexes),
        undecided=bool(case),
    )
