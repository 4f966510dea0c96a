"""The target's processor has a system register that the source does not send, and keeps its value.

What an Arm processor's list of the source lacks is said to keep its reset value
(target/arm/machine.c, cpu_post_load). Under TCG it does not: the target then writes its whole list
back, and for such a register that is memory that nobody has filled. A register that keeps its own
value (`arm_registers.toml`) reads back as another, and the target refuses the stream. Measured with
streams that lack one register: 10.0.13 refused all 13 whose value is not zero and none of 56
others; 11.1.3 also refused such whose value is zero, here and there. Under KVM the list is read
from the kernel first.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.registers import RegistersDiffer
from qcompat.rules.cpu.arm_registers import evidence_of, is_tolerant, keeps_its_value, name_of
from qcompat.rules.finding import Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="cpu_register_missing_on_source",
    stage="sections",
    position=16,
    says={
        "": "The target refuses the stream: its processor keeps its own value of {names}, system "
        "registers that the source does not send, and checks it against memory that nobody filled",
        "unknown": "The target may refuse the stream: its processor has {names}, system registers "
        "that the source does not send, and checks their value, which is zero, against memory that "
        "nobody filled",
    },
    explains=("cpu_register_missing_on_source",),
    foretells=("state",),
    travels=True,
    remedy_at="cpu",
)


def find(comparison: Comparison) -> Iterator[Finding]:
    if comparison.target.accel == "kvm":
        return
    for difference in comparison.of(RegistersDiffer):
        sent, own = difference.source.values, difference.target.values
        kept = [i for i in own if i not in sent and keeps_its_value(i) != "no"]
        sure = [index for index in kept if own[index] and keeps_its_value(index) == "yes"]
        is_random = is_tolerant(comparison.target)
        rest = [index for index in kept if index not in sure and (own[index] or is_random)]
        for indexes, case in ((sure, ""), (rest, "unknown")):
            if indexes:
                yield _finding(comparison, difference, indexes, case)


def _finding(
    comparison: Comparison, difference: RegistersDiffer, indexes: list[int], case: str
) -> Finding:
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="possible" if case else "likely",
        subject=subject_of(comparison.source, difference.idstr),
        case=case,
        args={"names": tuple(map(name_of, indexes))},
        evidence=evidence_of(difference, indexes),
        undecided=bool(case),
    )
