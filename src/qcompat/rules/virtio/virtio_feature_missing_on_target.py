"""A virtio device loses features that it offers its driver.

The driver keeps what it agreed on until it next starts; then it finds the target's offer.
`agreed_feature_missing_on_target` finds features that a running driver has agreed on.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import OfferDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of
from qcompat.stream.decode.virtio.features import named

RULE = Rule(
    id="virtio_feature_missing_on_target",
    stage="running",
    position=11,
    effect=Effect(
        "reset",
        "a driver asks for the features once, when it starts, and works with what it agreed "
        "on, which travels (VIRTIO 1.2, 3.1.1; hw/virtio/virtio.c `virtio_load`)",
    ),
    says={"": "The device loses features when its driver next starts: {names}"},
    foretells=("features",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for offer in comparison.of(OfferDiffers):
        gone = offer.source.features & ~offer.target.features
        if not gone:
            continue
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=subject_of(comparison.source, offer.address),
            args={"names": tuple(named(offer.source.device_id, gone))},
            evidence=(
                Evidence(
                    "offered virtio features",
                    f"{offer.source.features:#x}",
                    f"{offer.target.features:#x}",
                ),
            ),
        )
