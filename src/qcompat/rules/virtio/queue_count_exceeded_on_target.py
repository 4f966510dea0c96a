"""The source sends more virtio queues than the target's device has.

Builds that validate sizes refuse a queue for which nothing is allocated. The others load the
surplus queues with nothing behind them (hw/virtio/virtio.c `virtio_load` only checks against
1024), which a driver notices when it uses them.

A network card gets the pairs that arrive. Releases that make one when a card is realized, and not
the others before they load them, are known by advisories: they crash where no driver has agreed
on several pairs, since they then take away what they never made (virtio_net_change_num_queues in
hw/net/virtio-net.c of 10.0.2).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import NegotiatedDiffers, QueuesDiffer
from qcompat.rules.advisories.advisory import affected, shown_by
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import address_of, devices_at, subject_of
from qcompat.rules.virtio.queues import VALIDATES, has_all_that_arrive

RULE = Rule(
    id="queue_count_exceeded_on_target",
    stage="devices",
    position=5,
    effect=Effect(
        "now",
        "the surplus queues have no handler behind them as soon as the guest runs "
        "(hw/virtio/virtio.c `virtio_queue_notify`)",
    ),
    says={
        "": "The device loses queues: it has {sent} on the source, {own} on the target. The "
        "target accepts the stream, but the surplus queues no longer work",
        "crash": "The target crashes when it loads the {sent} queues of the network card: it has "
        "made {own} of them, and takes the others away again, which it never made",
    },
    foretells=("queue count",),
)
_SEVERAL_PAIRS = 1 << 22 | 1 << 60
"""VIRTIO_NET_F_MQ and VIRTIO_NET_F_RSS."""


def find(comparison: Comparison) -> Iterator[Finding]:
    if comparison.target.facts.markers.get(VALIDATES, False):
        return
    agreed = {each.idstr: each.source for each in comparison.of(NegotiatedDiffers)}
    for difference in comparison.of(QueuesDiffer):
        if len(difference.source) <= len(difference.target):
            continue
        if not has_all_that_arrive(comparison.target, difference):
            yield _finding(difference, comparison)
        elif not agreed.get(difference.idstr, 0) & _SEVERAL_PAIRS and _is_known(
            difference, comparison
        ):
            crash = _finding(difference, comparison)
            yield msgspec.structs.replace(crash, promise="loads", case="crash")


def _finding(difference: QueuesDiffer, comparison: Comparison) -> Finding:
    sent, own = len(difference.source), len(difference.target)
    return Finding(
        rule=RULE.id,
        promise="unchanged",
        certainty="likely",
        subject=subject_of(comparison.source, difference.idstr),
        args={"sent": sent, "own": own},
        evidence=(Evidence("number of queues", str(sent), str(own)),),
    )


def _is_known(difference: QueuesDiffer, comparison: Comparison) -> bool:
    """Whether an advisory says that builds such as the target do not make what arrives."""
    source, target = comparison.source, comparison.target
    here = devices_at(source, address_of(difference.idstr))
    return any(
        device in here
        for _, advisory in shown_by(RULE.id)
        for device in affected(advisory, source, target)
    )
