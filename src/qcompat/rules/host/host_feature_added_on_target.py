"""The target's host lets a network device offer features that the source's host denies it.

The driver finds them when it next starts, and cannot go back once it uses them.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.hosts.differences import HostOffersDiffer
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Finding
from qcompat.rules.host.host_features import denied, evidence, switched_off
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="host_feature_added_on_target",
    stage="running",
    position=13,
    effect=Effect(
        "reset",
        "a driver asks for the features once, when it starts, and works with what it agreed "
        "on, which travels (VIRTIO 1.2, 3.1.1; hw/virtio/virtio.c `virtio_load`)",
    ),
    says={
        "": "The device gains features when its driver next starts: {names}; a driver that uses "
        "them cannot go back. The source's host denies them: {why:;}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostOffersDiffer):
        gained = each.target & ~each.source
        if not gained:
            continue
        names, why = denied(each, gained)
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=subject_of(comparison.source, each.address),
            args={"names": names, "why": why},
            evidence=(evidence(each),),
            remedy=switched_off(comparison.target, each, gained),
        )
