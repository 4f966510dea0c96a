"""A device that is left out of the portraits does not exist in one of the builds.

Such a build does not start the guest (`'…' is not a valid device model name`). It is likely, not
certain: a distribution may keep the device in a module that is not installed beside the build here.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.guest.uncovered import lacks_device, said_by_ends, subject_of
from qcompat.rules.rule import Rule

RULE = Rule(
    id="uncovered_device_missing",
    stage="start",
    position=8,
    is_uncovered=True,
    says={
        "source": "The source does not start this guest, so there is nothing to migrate: it has "
        "no device {device}",
        "target": "The target does not start this guest, so nothing can be migrated to it: it "
        "has no device {device}",
        "both": "Neither end starts this guest: neither has a device {device}",
    },
    foretells=("not startable",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for part, here, there, case in said_by_ends(comparison, lacks_device):
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="likely",
            subject=subject_of(part),
            case=case,
            args={"device": part.device},
            evidence=(
                Evidence(
                    f"device {part.device}",
                    None if here else "known",
                    None if there else "known",
                ),
            ),
        )
