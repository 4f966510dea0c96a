"""The target's host lacks what the guest's line wants of it, and the source's host has.

Huge pages of the size that a memory back end lies on, a NUMA node that one is bound to, a device
file of vhost, a capability of KVM: QEMU does not start the guest without them, so nothing can be
migrated to it. It is likely, not certain, since hosts change: a pool is filled by whoever runs it.
What only the limits of a process decide (locked memory), and a host whose capture does not tell,
leave it possible.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.hosts.differences import HostPartsDiffer
from qcompat.rules.finding import Certainty, Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="host_part_missing_on_target",
    stage="hosts",
    position=8,
    says={
        "": "The target's host lacks {what}, which {option} wants: {has}. QEMU does not start "
        "the guest there",
        "locked": "The target's host may not let QEMU lock the guest's memory, as {option} wants: "
        "{has}, for the process that took the capture",
        "untold": "The capture of the target's host does not tell whether it has {what}, which "
        "{option} wants",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostPartsDiffer):
        if each.target.has or each.source.has is False:
            continue
        case = "untold" if each.target.has is None else ""
        if not case and each.what == "its memory locked":
            case = "locked"
        certainty: Certainty = "possible" if case else "likely"
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty=certainty,
            subject=GUEST,
            case=case,
            args={"what": each.what, "option": each.option, "has": each.target.text},
            evidence=(Evidence(each.what, each.source.text, each.target.text),),
        )
