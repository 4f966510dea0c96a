"""The target starts the guest but cannot save it, so it is not known what it would accept.

A build shows what it reads only by what it writes. Where it writes nothing, the other rules have
nothing to compare, and the answer must be unknown (design decision 3). A device that is not
migratable at all refuses loading too: `state_missing_on_target`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.refusal import RefusalDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.refusal import blocks_loading, first_line
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="state_unproven_on_target",
    stage="start",
    position=5,
    says={
        "save": "It is not known whether the target loads this guest. It starts the guest but "
        "cannot save it, so there is no state to compare: {message}",
        "unread": "It is not known whether the target loads this guest. It starts the guest, but "
        "the state it saves could not be read: {message}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(RefusalDiffers):
        refusal = difference.target
        if refusal is None or not refusal.has_started or difference.source is not None:
            continue
        if blocks_loading(refusal):
            continue
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="possible",
            subject=GUEST,
            case="save" if refusal.stage == "save" else "unread",
            args={"message": first_line(refusal)},
            evidence=(Evidence("QEMU's message when saving", None, refusal.message),),
            undecided=True,
        )
