"""The source sends a section or subsection in a newer version than the target knows.

Fatal: `unsupported version N for '…'` (migration/savevm.c), `incoming version_id N is too new`
(migration/vmstate.c `vmstate_load_state`).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.sections import SectionVersionDiffers, SubsectionVersionDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import Subject, state_of, subject_of

RULE = Rule(
    id="section_version_raised",
    stage="sections",
    position=4,
    says={
        "": "The target refuses the stream: the source sends the state {state} in version {sent}, "
        "the target reads versions up to {newest}",
    },
    explains=("field_layout_changed",),
    foretells=("version", "version too new"),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for section in comparison.of(SectionVersionDiffers):
        if section.source > section.target:
            subject = subject_of(comparison.source, section.idstr)
            yield _finding(subject, state_of(section.idstr), section.source, section.target)
    for subsection in comparison.of(SubsectionVersionDiffers):
        if subsection.source > subsection.target:
            subject = subject_of(comparison.source, subsection.idstr)
            yield _finding(subject, subsection.name, subsection.source, subsection.target)


def _finding(subject: Subject, state: str, source: int, target: int) -> Finding:
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain",
        subject=subject,
        args={"state": state, "sent": source, "newest": target},
        evidence=(Evidence(f"version of {state}", str(source), str(target)),),
    )
