"""QEMU refuses to migrate the guest while a condition holds that no paused twin meets.

Some devices set a migration blocker only when the guest uses them (a mounted 9p share), others by
what the host is (a vhost-user process without dirty logging). Whether it is so now, the running
guest tells: `query-migrate` lists its `blocked-reasons`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.finding import Finding
from qcompat.rules.guest.uncovered import finding_about, uncovered_parts
from qcompat.rules.rule import Rule

RULE = Rule(
    id="migration_blocker_added",
    stage="start",
    position=9,
    is_uncovered=True,
    says={
        "": "The migration is refused if this holds of {part}: {reason}. The running guest tells "
        "(`query-migrate`, `blocked-reasons`)",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for part in uncovered_parts(comparison, "condition"):
        yield finding_about(
            RULE.id,
            part,
            comparison,
            "possible",
            args={"part": part.subject, "reason": part.reason},
        )
