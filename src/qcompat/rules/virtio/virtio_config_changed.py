"""A virtio device's own configuration space differs: capacity, limits, numbers of queues.

Most devices compute it when it is read, so the driver finds the target's values when it next
looks; its length may differ freely (hw/virtio/virtio.c `virtio_load` takes what fits).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import OfferDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="virtio_config_changed",
    stage="running",
    position=16,
    effect=Effect(
        "now",
        "the device computes its configuration whenever it is read, whatever the stream "
        "brought (hw/virtio/virtio.c `virtio_config_readb` asks `get_config` first)",
    ),
    says={
        "": "The device's configuration differs on the target from byte {offset} on",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for offer in comparison.of(OfferDiffers):
        one, other = offer.source.config, offer.target.config
        length = min(len(one), len(other))
        if one[:length] == other[:length]:
            continue
        offset = next(at for at in range(length) if one[at] != other[at])
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=subject_of(comparison.source, offer.address),
            args={"offset": offset},
            evidence=(Evidence("virtio device configuration", one.hex(), other.hex()),),
        )
