"""A section differs between the ends in a part that could not be decoded.

An encoding that is not known here (another virtio transport, a subsection newer than this
program) hides what the target would check; the answer must stay open (design decision 3).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.sections import SectionUnreadable
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import state_of, subject_of

RULE = Rule(
    id="section_unproven",
    stage="sections",
    position=3,
    says={
        "": "It is not known whether the target accepts the state {state}: the ends differ in a "
        "part of it that cannot be decoded ({why})",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(SectionUnreadable):
        state = state_of(difference.idstr)
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="possible",
            subject=subject_of(comparison.source, difference.idstr),
            args={"state": state, "why": difference.source or difference.target or ""},
            evidence=(Evidence(f"state {state}", difference.source, difference.target),),
            undecided=True,
        )
