"""The source starts the guest but cannot save it: a device of it is not migratable there.

QEMU refuses the whole migration when one device's state is marked unmigratable or a migration
blocker is set (migration/savevm.c `qemu_savevm_state_blocked`, migration/migration.c
`migration_is_blocked`). A stream that could not be taken or read proves nothing about the guest.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.refusal import RefusalDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.refusal import first_line
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="state_missing_on_source",
    stage="start",
    position=3,
    says={
        "refused": "The source cannot save this guest, so it never leaves: {message}",
        "unread": "It is not known whether the target loads this guest, because what the source "
        "sends could not be read: {message}",
    },
    foretells=("not migratable",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(RefusalDiffers):
        refusal = difference.source
        if refusal is None or not refusal.has_started:
            continue
        is_refused = refusal.stage == "save"
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain" if is_refused else "possible",
            undecided=not is_refused,
            subject=GUEST,
            case="refused" if is_refused else "unread",
            args={"message": first_line(refusal)},
            evidence=(Evidence("message when saving", refusal.message, None),),
        )
