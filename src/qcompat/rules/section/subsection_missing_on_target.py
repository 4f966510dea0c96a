"""The source sends a subsection that the target does not know.

Fatal: `vmstate_subsection_load` returns -ENOENT for a name that is not in the list of the state
it arrives in (migration/vmstate.c, 5.2 to 11.1). That a build does not send a subsection proves
nothing: whether it is needed depends on the moment. So a name counts as unknown only when the
target's descriptions of that state lack it and the binary has no such string.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.sections import SubsectionOneSided
from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.states import description_of, subsections_of
from qcompat.rules.subject import state_of, subject_of

RULE = Rule(
    id="subsection_missing_on_target",
    stage="sections",
    position=7,
    says={
        "": "The target refuses the stream: the source sends the subsection {name} of the state "
        "{state}, which the target does not know",
        "unknown": "The source sends the subsection {name} of the state {state}; it is not known "
        "whether the target knows it",
    },
    foretells=(
        "unknown subsection",
        "unknown subsection of a device",
        "version too new",
        "layout",
        "state",
    ),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(SubsectionOneSided):
        if not difference.source or is_known(comparison.target, difference):
            continue
        is_open = not comparison.target.facts.names
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="possible" if is_open else "certain",
            subject=subject_of(comparison.source, difference.idstr),
            case="unknown" if is_open else "",
            args={"name": difference.name, "state": state_of(difference.idstr)},
            evidence=(Evidence("subsection", difference.name, None),),
            undecided=is_open,
        )


def is_known(portrait: Portrait, difference: SubsectionOneSided) -> bool:
    """Whether the build reads this subsection, by its descriptions or by its strings."""
    description = description_of(portrait, difference.idstr)
    listed = subsections_of(description) if description is not None else ()
    is_listed = any(each.name == difference.name for each in listed)
    return is_listed or difference.name in portrait.facts.names
