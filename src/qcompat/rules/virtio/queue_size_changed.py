"""A virtio device has queues of another size on the target, which accepts the stream.

The size in use travels with the queue, so a running driver keeps its rings. The size after a
reset is the target's, so the driver finds other queues when the guest next starts; unless the
stream carries it (`virtio/ringsize`, sent where it is not the size in use) and the target reads
that, as builds before 11.1 do.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import OfferDiffers, QueuesDiffer
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import address_of, subject_of
from qcompat.rules.virtio.queues import VALIDATES, as_many, either

RULE = Rule(
    id="queue_size_changed",
    stage="running",
    position=10,
    effect=Effect(
        "reset",
        "the size in use travels with the queue (`vring.num`), and a driver asks for the size "
        "when it starts (hw/virtio/virtio.c `virtio_load`, `virtio_reset`)",
    ),
    says={
        "": "The driver keeps its queues while it runs; when it next starts it finds queues of "
        "size {after:or} instead of {before:or}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    offers = {each.address: each for each in comparison.of(OfferDiffers)}
    for difference in comparison.of(QueuesDiffer):
        if _travels(difference, comparison):
            continue
        offer = offers.get(address_of(difference.idstr))
        one = offer.source.queue_sizes if offer else tuple(q.default for q in difference.source)
        other = offer.target.queue_sizes if offer else tuple(q.default for q in difference.target)
        other = as_many(comparison.target, difference.idstr, other, len(one))
        changed = [
            (index, before, after)
            for index, (before, after) in enumerate(zip(one, other, strict=False))
            if before != after
        ]
        if changed:
            yield _finding(comparison, difference.idstr, changed)


def _travels(difference: QueuesDiffer, comparison: Comparison) -> bool:
    """Whether the target takes over the size after a reset; builds that validate sizes do not."""
    is_sent = any(queue.now != queue.default for queue in difference.source)
    return is_sent and comparison.target.facts.markers.get(VALIDATES) is False


def _finding(comparison: Comparison, idstr: str, changed: list[tuple[int, int, int]]) -> Finding:
    before, after = (either(queue[end] for queue in changed) for end in (1, 2))
    return Finding(
        rule=RULE.id,
        promise="unchanged",
        certainty="certain",
        subject=subject_of(comparison.source, idstr),
        args={"before": before, "after": after},
        evidence=tuple(
            Evidence(f"size of queue {index}", str(one), str(other))
            for index, one, other in changed
        ),
    )
