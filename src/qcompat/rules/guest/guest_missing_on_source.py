"""The source cannot make this guest at all, so there is nothing to migrate."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.refusal import RefusalDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.refusal import first_line
from qcompat.rules.subject import GUEST

RULE = "guest_missing_on_source"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(RefusalDiffers):
        refusal = difference.source
        if refusal is None or refusal.has_started:
            continue
        did = "refuses to start this guest" if refusal.stage != "crash" else "crashes on this guest"
        yield Finding(
            rule=RULE,
            promise="loads",
            certainty="certain",
            subject=GUEST,
            summary=f"The source {did}, so there is nothing to migrate: {first_line(refusal)}",
            evidence=(Evidence("QEMU's message at start", refusal.message, None),),
        )
