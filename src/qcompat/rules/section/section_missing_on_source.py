"""The target has a state that the source does not send, so it stays as after reset.

Never refused: QEMU does not check that all sections arrived (migration/savevm.c). It is harmless
where the device is new or idle, and loses state where both ends have the device (seen with the
interrupt presenters of pseries, which one build sends and the other does not).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.sections import SectionOneSided
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.states import conditional_states
from qcompat.rules.subject import state_of, subject_of

RULE = Rule(
    id="section_missing_on_source",
    stage="notes",
    position=3,
    effect=Effect(
        "now",
        "the state is that of a reset as soon as the guest runs; whether it uses it is not known",
    ),
    says={
        "": "The state {state} keeps its reset values on the target, because the source does not "
        "send it",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(SectionOneSided):
        state = state_of(difference.idstr)
        if difference.target is None or state in conditional_states():
            continue
        section = f"{difference.idstr} (instance {difference.instance_id})"
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="possible",
            subject=subject_of(comparison.target, difference.idstr),
            args={"state": state},
            evidence=(Evidence("state section", None, section),),
        )
