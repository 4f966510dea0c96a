"""The target cannot make this guest at all: it refuses to start it, or ends while starting."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.refusal import RefusalDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.refusal import first_line
from qcompat.rules.subject import GUEST

RULE = "guest_missing_on_target"
_SUMMARIES = {
    "start": "The target refuses to start this guest, so nothing can be migrated to it",
    "crash": "The target crashes on this guest, so nothing can be migrated to it",
    "wait": "Whether the target loads this guest is not known: it starts it only to await a "
    "migration, so there is no state to compare with",
}


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(RefusalDiffers):
        refusal = difference.target
        if refusal is None or refusal.has_started:
            continue
        is_open = refusal.stage == "wait"
        yield Finding(
            rule=RULE,
            promise="loads",
            certainty="possible" if is_open else "certain",
            subject=GUEST,
            summary=f"{_SUMMARIES[refusal.stage]}: {first_line(refusal)}",
            evidence=(Evidence("QEMU's message at start", None, refusal.message),),
            undecided=is_open,
        )
