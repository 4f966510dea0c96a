"""A part of the guest is in neither portrait, and it has state, or the guest can see it.

A portrait is taken without what belongs to a host: a passed-through device, a process on the other
end of a socket, a file of the user. Where such a part has migration state, or shows itself to the
guest, whatever the rest of the guest does, the answer for the whole of it must stay open
(design decision 3). The other findings hold for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.images import unequal_assumptions
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Finding
from qcompat.rules.guest.uncovered import (
    finding_about,
    lacks_device,
    uncovered_parts,
    unmigratable_state,
)
from qcompat.rules.rule import Rule

RULE = Rule(
    id="uncovered_part_unproven",
    stage="start",
    position=0,
    effect=Effect(
        "now",
        "the part is in no portrait, so it is not known when the guest would meet a change of it",
    ),
    is_uncovered=True,
    says={
        "state": "It is not known whether the target loads this guest: {part} is left out of the "
        "comparison, and its state with it; {reason}",
        "size": "It is not known whether the target loads this guest, since the two ends do not "
        "have the same images: {part}: {reason}",
        "view": "It is not known whether the guest sees a change: {part} is left out of the "
        "comparison; {reason}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    ends = (comparison.source, comparison.target)
    barred = {part.subject for part in uncovered_parts(comparison, "migration")}
    sizes = unequal_assumptions(comparison.source.guest, comparison.target.guest)
    for part in (*uncovered_parts(comparison, "state", "view"), *sizes):
        is_known = any(lacks_device(end, part) or unmigratable_state(end, part) for end in ends)
        if is_known or part.subject in barred:
            continue
        yield finding_about(
            RULE.id,
            part,
            comparison,
            "possible",
            args={"part": part.subject, "reason": part.reason},
            case="size" if part.assumes_size else part.loses,
            undecided=True,
        )
