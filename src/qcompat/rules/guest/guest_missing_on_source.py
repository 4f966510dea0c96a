"""The source cannot run this guest at all, so there is nothing to migrate."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.refusal import RefusalDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.refusal import first_line
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="guest_missing_on_source",
    stage="start",
    position=1,
    says={
        "": "The source refuses to start this guest, so there is nothing to migrate: {message}",
        "crash": "The source crashes on this guest, so there is nothing to migrate: {message}",
        "host": "It is not known whether the source starts this guest: the machine on which its "
        "portrait was taken could not run it: {message}",
    },
    foretells=("processor", "not startable"),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(RefusalDiffers):
        refusal = difference.source
        if refusal is None or refusal.has_started:
            continue
        is_open = comparison.source.shortage is not None
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="possible" if is_open else "certain",
            subject=GUEST,
            case="host" if is_open else "crash" if refusal.stage == "crash" else "",
            args={"message": first_line(refusal)},
            evidence=(Evidence("QEMU's message at start", refusal.message, None),),
            undecided=is_open,
        )
