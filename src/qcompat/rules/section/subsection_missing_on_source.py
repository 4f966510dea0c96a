"""The target would send a subsection that the source does not send: its values stay defaults.

Never refused (migration/vmstate.c `vmstate_subsection_load`), and common where a newer build
moved state to another place; only a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.sections import SubsectionOneSided
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import state_of, subject_of

RULE = Rule(
    id="subsection_missing_on_source",
    stage="notes",
    position=4,
    effect=Effect(
        "now",
        "the values are the defaults of the target as soon as the guest runs; whether it uses "
        "them is not known",
    ),
    says={
        "": "The part {name} of the state {state} keeps the target's defaults, because the source "
        "does not send it",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(SubsectionOneSided):
        if not difference.target:
            continue
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="possible",
            subject=subject_of(comparison.source, difference.idstr),
            args={"name": difference.name, "state": state_of(difference.idstr)},
            evidence=(Evidence("subsection", None, difference.name),),
        )
