"""The guest's driver agreed on virtio features that the target's device does not offer.

Fatal: `Features 0x… unsupported. Allowed features: 0x…` (hw/virtio/virtio.c `virtio_load`, 5.2 to
11.1). Before a driver has run nothing is agreed, and the break is only possible: it happens once
the driver has accepted the feature.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import NegotiatedDiffers, OfferDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import address_of, subject_of
from qcompat.stream.decode.virtio.features import named

RULE = Rule(
    id="agreed_feature_missing_on_target",
    stage="devices",
    position=6,
    says={
        "": "The target refuses the stream once the guest's driver uses {names}, which the "
        "target's device does not offer",
        "agreed": "The target refuses the stream: the guest's driver uses {names}, which the "
        "target's device does not offer",
    },
    foretells=("features",),
    travels=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    agreed = {address_of(n.idstr): n for n in comparison.of(NegotiatedDiffers)}
    for offer in comparison.of(OfferDiffers):
        lost = offer.source.features & ~offer.target.features
        if not lost:
            continue
        sent = agreed.get(offer.address)
        fatal = sent.source & lost if sent else 0
        yield _finding(offer, comparison, fatal or lost, sent.idstr if sent and fatal else "")


def _finding(offer: OfferDiffers, comparison: Comparison, bits: int, agreed_in: str) -> Finding:
    """`agreed_in` is the section that says what the driver agreed to; empty: it has not."""
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain" if agreed_in else "possible",
        subject=subject_of(comparison.source, agreed_in or offer.address),
        case="agreed" if agreed_in else "",
        args={"names": tuple(named(offer.source.device_id, bits))},
        evidence=(
            Evidence(
                "offered virtio features",
                f"{offer.source.features:#x}",
                f"{offer.target.features:#x}",
            ),
        ),
    )
