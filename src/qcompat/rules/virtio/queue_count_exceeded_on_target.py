"""The source sends more virtio queues than the target's device has.

Builds that validate sizes refuse a queue for which nothing is allocated. The others load the
surplus queues with nothing behind them (hw/virtio/virtio.c `virtio_load` only checks against
1024), which a driver notices when it uses them.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import QueuesDiffer
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of
from qcompat.rules.virtio.queues import VALIDATES, has_all_that_arrive

RULE = Rule(
    id="queue_count_exceeded_on_target",
    stage="devices",
    position=5,
    says={
        "": "The device loses queues: it has {sent} on the source, {own} on the target. The "
        "target accepts the stream, but the surplus queues no longer work",
    },
    foretells=("queue count",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    if comparison.target.facts.markers.get(VALIDATES, False):
        return
    for difference in comparison.of(QueuesDiffer):
        sent, own = len(difference.source), len(difference.target)
        if sent <= own or has_all_that_arrive(comparison.target, difference):
            continue
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="likely",
            subject=subject_of(comparison.source, difference.idstr),
            args={"sent": sent, "own": own},
            evidence=(Evidence("number of queues", str(sent), str(own)),),
        )
