"""It is not known what a host's backends let a device offer, so the load cannot be predicted."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.hosts.differences import HostUnasked
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="host_feature_unproven",
    stage="hosts",
    position=3,
    says={
        "": "It is not known whether both hosts offer {names}. If the driver uses one that the "
        "target does not offer, the target refuses the stream. Capture the hosts again as a user "
        "who may create taps and open vhost devices",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostUnasked):
        names = sorted({*each.source, *each.target})
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="possible",
            subject=subject_of(comparison.source, each.address),
            args={"names": tuple(names)},
            evidence=tuple(
                Evidence(name, each.source.get(name, "known"), each.target.get(name, "known"))
                for name in names
            ),
            undecided=True,
        )
