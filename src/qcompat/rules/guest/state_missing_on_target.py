"""The target has a device that it cannot migrate, and so refuses every stream.

A build asks the same question before it loads as before it saves: `State blocked by
non-migratable device '…'` (migration/savevm.c `qemu_loadvm_state`, 5.2 to 11.1). Migration
blockers, which devices set while they run, only stop saving: `state_unproven_on_target`.
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
    id="state_missing_on_target",
    stage="start",
    position=4,
    says={"": "The target can neither save nor load this guest: {message}"},
    foretells=("not migratable",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(RefusalDiffers):
        refusal = difference.target
        if refusal is None or difference.source is not None or not blocks_loading(refusal):
            continue
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=GUEST,
            args={"message": first_line(refusal)},
            evidence=(Evidence("QEMU's message when saving", None, refusal.message),),
        )
