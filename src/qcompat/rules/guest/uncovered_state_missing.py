"""A device that is left out of the portraits cannot be migrated: the build says so itself.

A build describes the state of every device class. One that is marked unmigratable has no fields
in that description (`-dump-vmstate`), and QEMU then refuses the whole migration, on either end:
`State blocked by non-migratable device '…'` (migration/savevm.c `qemu_savevm_state_blocked`,
called by saving and by loading, 5.2 to 11.1).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.uncovered import missing_parts, subject_of, unmigratable_state
from qcompat.rules.rule import Rule

RULE = Rule(
    id="uncovered_state_missing",
    stage="start",
    position=7,
    is_uncovered=True,
    says={
        "source": "The source cannot save this guest, so it never leaves: it describes the state "
        "{state} as not migratable",
        "target": "The target can neither save nor load this guest: it describes the state "
        "{state} as not migratable",
        "both": "Neither end can migrate this guest: both describe the state {state} as not "
        "migratable",
    },
    foretells=("not migratable",),
)

_BARE = "no fields: not migratable"


def find(comparison: Comparison) -> Iterator[Finding]:
    for part in missing_parts(comparison):
        here = unmigratable_state(comparison.source, part)
        there = unmigratable_state(comparison.target, part)
        if not (here or there):
            continue
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=subject_of(part),
            case="both" if here and there else "source" if here else "target",
            args={"state": here or there},
            evidence=(
                Evidence(
                    f"description of the state {here or there}",
                    _BARE if here else None,
                    _BARE if there else None,
                ),
            ),
        )
