"""A virtio queue is larger than what the target allocated for it, and the target checks.

From 11.1 on virtio_load() answers `VQ n vring.num N exceeds allocated max M`; builds without the
check take any size. So a guest cannot move there from builds that give every queue 1024 entries
(10.0.13 and other stable releases) before its driver has chosen smaller queues. Only the size in
use is checked, not the size after a reset, which travels too (`virtio/ringsize`).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import QueuesDiffer
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.device_line import set_properties
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import address_of, owner_of, subject_of
from qcompat.rules.virtio.queues import VALIDATES, allocated, either, size_property

RULE = Rule(
    id="queue_size_exceeded_on_target",
    stage="devices",
    position=4,
    says={
        "": "The target refuses the stream: the source's queues have size {sent:or}, the target "
        "allocates {own:or}",
        "unknown": "It is not known whether the target refuses queues that are larger than its "
        "own: the source's queues have size {sent:or}, the target allocates {own:or}",
    },
    explains=("queue_size_changed",),
    foretells=("queue size", "queue state"),
    travels=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    validates = comparison.target.facts.markers.get(VALIDATES)
    if validates is False:
        return
    for difference in comparison.of(QueuesDiffer):
        sizes = allocated(comparison.target, difference)
        sent = [queue.now for queue in difference.source]
        own = [sizes[index] if index < len(sizes) else 0 for index in range(len(sent))]
        over = [(i, n, m) for i, (n, m) in enumerate(zip(sent, own, strict=True)) if n > m]
        if over:
            finding = _finding(difference, comparison, over)
            yield finding if validates else _open(finding)


def _open(finding: Finding) -> Finding:
    """The same where it is not known whether the build validates queue sizes."""
    return msgspec.structs.replace(
        finding,
        certainty="possible",
        undecided=True,
        case="unknown",
    )


def _finding(
    difference: QueuesDiffer, comparison: Comparison, over: list[tuple[int, int, int]]
) -> Finding:
    carried, given = ([queue[end] for queue in over] for end in (1, 2))
    remedy = _remedy(comparison.target, difference.idstr, max(carried))
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain",
        subject=subject_of(comparison.source, difference.idstr),
        args={"sent": either(carried), "own": either(given)},
        evidence=tuple(
            Evidence(f"size of queue {index}", str(sent), str(own) if own else None)
            for index, sent, own in over
        ),
        remedy=remedy,
        no_property=remedy is None,
    )


def _remedy(portrait: Portrait, idstr: str, size: int) -> str | None:
    address = address_of(idstr)
    name, owner = size_property(portrait, address), owner_of(portrait, address)
    return set_properties(portrait, owner, ((name, str(size)),)) if name and owner else None
