"""A state differs between the ends, and what the target checks of it is not modelled.

The rules that look into states know the boards of the architectures in `arch/tables/`, without the
states that a table names as `unmodelled`. Of another state, or of any state of an architecture
without a table, it is not known what a target does with other contents (a hook may refuse them, a
buffer may say its own length), so the answer stays open (design decision 3) and no rule about
contents speaks of it. What no contents decide stays certain: a section or a subsection that the
target does not have.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.layout import FieldDiffers, LayoutDiffers
from qcompat.compare.stream.sections import (
    SectionUnreadable,
    SectionVersionDiffers,
    SubsectionOneSided,
    SubsectionVersionDiffers,
)
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.states import is_modelled
from qcompat.rules.subject import state_of, subject_of

RULE = Rule(
    id="unmodelled_state_unproven",
    stage="sections",
    position=11,
    says={
        "": "It is not known whether the target accepts the state {state}: it differs, and what a "
        "target checks of it is not known for this architecture",
    },
)

_DIFFERENT = (
    FieldDiffers,
    LayoutDiffers,
    SectionUnreadable,
    SectionVersionDiffers,
    SubsectionOneSided,
    SubsectionVersionDiffers,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    found = (each for each in comparison.differences if isinstance(each, _DIFFERENT))
    for idstr in dict.fromkeys(each.idstr for each in found):
        if is_modelled(comparison.source, idstr) and is_modelled(comparison.target, idstr):
            continue
        state = state_of(idstr)
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="possible",
            subject=subject_of(comparison.source, idstr),
            args={"state": state},
            evidence=(Evidence(f"state {state}", "as the source has it", "another"),),
            undecided=True,
        )
