"""A virtio queue is larger than what the target allocated for it, and the target checks.

From 11.1 on virtio_load() answers `VQ n vring.num N exceeds allocated max M`; builds without
the check take any size. Builds that give every queue 1024 entries (10.0.13 and other stable
releases) so cannot move a guest there before its driver chose smaller queues. The size that
a queue has after a reset travels along (`virtio/ringsize`) and binds as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import QueuesDiffer
from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.loading.queues import allocated, size_property
from qcompat.rules.subject import address_of, name_of

RULE = "queue_size_exceeded_on_target"
MARKER = "vring_num_validated"


def find(comparison: Comparison) -> Iterator[Finding]:
    if not comparison.target.facts.markers.get(MARKER, False):
        return
    for difference in comparison.of(QueuesDiffer):
        sizes = allocated(comparison.target, difference)
        over = [
            (index, queue.now, sizes[index] if index < len(sizes) else 0)
            for index, queue in enumerate(difference.source)
            if queue.now > (sizes[index] if index < len(sizes) else 0)
        ]
        if over:
            yield _finding(difference, comparison, over)


def _finding(
    difference: QueuesDiffer, comparison: Comparison, over: list[tuple[int, int, int]]
) -> Finding:
    _, carried, given = over[0]
    remedy = _remedy(comparison.target, difference.idstr, carried)
    hint = "" if remedy else "; no property of the target's device changes that"
    return Finding(
        rule=RULE,
        promise="loads",
        certainty="certain",
        device=name_of(comparison.source, difference.idstr),
        summary=f"The target refuses the stream: the source's queues carry size {carried}, "
        f"the target allocates {given} and refuses{hint}",
        evidence=tuple(
            Evidence(f"size of queue {index}", str(sent), str(own) if own else None)
            for index, sent, own in over
        ),
        remedy=remedy,
    )


def _remedy(portrait: Portrait, idstr: str, size: int) -> str | None:
    found = size_property(portrait, address_of(idstr))
    return f"-device {found[0]},…,{found[1]}={size}" if found else None
