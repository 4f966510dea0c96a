"""The target's taps lack what the source's taps add to the stream, so the target refuses it.

`virtio-net: saved image requires vnet_hdr=on`, or `… TUN_F_UFO support` (hw/net/virtio-net.c,
virtio_net_vnet_post_load and virtio_net_ufo_post_load, 5.2 to 10.2), whatever the driver agreed
on.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.hosts.differences import HostTapsDiffer
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="host_tap_missing_on_target",
    stage="hosts",
    position=1,
    says={
        "": "The target refuses the device's state: the taps of its host lack {lacking}. Starting "
        "both ends with -netdev tap,…,vnet_hdr=off avoids this",
    },
    explains=("host_feature_missing_on_target",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostTapsDiffer):
        if each.source:
            yield _finding(each, comparison)


def _finding(each: HostTapsDiffer, comparison: Comparison) -> Finding:
    lacking = ", ".join(each.source)
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain",
        subject=subject_of(comparison.source, each.address),
        args={"lacking": tuple(each.source)},
        evidence=(Evidence("the host's taps", f"have {lacking}", f"lack {lacking}"),),
    )
