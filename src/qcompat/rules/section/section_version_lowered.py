"""The source sends a section or subsection in an older version than the target writes.

The target reads old versions from its minimum on (migration/vmstate.c `vmstate_load_state`:
`incoming version_id N is too old for local minimum_version_id`). The minimum is not in the
stream; it comes from the build's own descriptions (`-dump-vmstate`), of processors from the source
(`minimum_versions.toml`). Where neither has the state the answer stays open. What an accepted older
version makes of the fields is `field_layout_changed`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.sections import SectionVersionDiffers, SubsectionVersionDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.minimum_version import minimum_of
from qcompat.rules.subject import state_of, subject_of

RULE = Rule(
    id="section_version_lowered",
    stage="sections",
    position=5,
    says={
        "": "The target refuses the stream: the source sends the state {state} in version {sent}, "
        "the target reads versions from {oldest} to {newest}",
        "unknown": "The source sends the state {state} in version {sent}, the target writes "
        "version {newest}; the oldest version that the target reads is not known",
    },
    foretells=("version too old", "layout", "cut short", "state"),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for section in comparison.of(SectionVersionDiffers):
        if section.source < section.target:
            yield from _findings(section, state_of(section.idstr), comparison)
    for subsection in comparison.of(SubsectionVersionDiffers):
        if subsection.source < subsection.target:
            yield from _findings(subsection, subsection.name, comparison)


def _findings(
    difference: SectionVersionDiffers | SubsectionVersionDiffers,
    state: str,
    comparison: Comparison,
) -> Iterator[Finding]:
    source, target = difference.source, difference.target
    minimum = minimum_of(difference, comparison.target)
    if minimum is not None and source >= minimum:
        return
    yield Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain" if minimum is not None else "possible",
        subject=subject_of(comparison.source, difference.idstr),
        case="unknown" if minimum is None else "",
        args={"state": state, "sent": source, "oldest": minimum or 0, "newest": target},
        evidence=(Evidence(f"version of {state}", str(source), str(target)),),
        undecided=minimum is None,
    )
