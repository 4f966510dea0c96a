"""A part that is left out of the portraits cannot be migrated, mostly by the build's own word.

A build describes the state of every device class. One that is marked unmigratable has no fields
in that description (`-dump-vmstate`), and QEMU then refuses the whole migration, on either end:
`State blocked by non-migratable device '…'` (migration/savevm.c `qemu_savevm_state_blocked`,
called by saving and by loading, 5.2 to 11.1).

Other parts are known from QEMU's source to be not migratable, in every release from 5.2 on that has
them: a format of disk images, a device with OpenGL, encrypted memory. No twin can be asked about
these, so the finding is `likely`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.uncovered import (
    finding_about,
    said_by_ends,
    subject_of,
    uncovered_parts,
    unmigratable_state,
)
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
        "known": "QEMU refuses to migrate a guest with {part}: {reason}",
        "both": "Neither end can migrate this guest: both describe the state {state} as not "
        "migratable",
    },
    foretells=("not migratable",),
)

_BARE = "no fields: not migratable"


def find(comparison: Comparison) -> Iterator[Finding]:
    yield from _described(comparison)
    for part in uncovered_parts(comparison, "migration"):
        yield finding_about(
            RULE.id,
            part,
            comparison,
            "likely",
            args={"part": part.subject, "reason": part.reason},
            case="known",
        )


def _described(comparison: Comparison) -> Iterator[Finding]:
    for part, here, there, case in said_by_ends(comparison, unmigratable_state):
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=subject_of(part),
            case=case,
            args={"state": here or there},
            evidence=(
                Evidence(
                    f"description of the state {here or there}",
                    _BARE if here else None,
                    _BARE if there else None,
                ),
            ),
        )
