"""The target's host denies a network device features that the source's host lets it offer.

QEMU checks what the driver agreed on when it loads the stream: `Features 0x… unsupported. Allowed
features: 0x…` (hw/virtio/virtio.c `virtio_load`, 5.2 to 11.1). A feature that is only offered is
gone when the driver next starts.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.hosts.differences import HostOffersDiffer
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.host.host_features import agreed_at, denied, evidence, settings
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="host_feature_missing_on_target",
    stage="hosts",
    position=2,
    effect=Effect(
        "reset",
        "a driver asks for the features once, when it starts, and works with what it agreed "
        "on, which travels (VIRTIO 1.2, 3.1.1; hw/virtio/virtio.c `virtio_load`)",
    ),
    says={
        "": "The device loses features when its driver next starts: {names}. The target's host "
        "denies them: {why:;}. Once the driver uses them, the target refuses the stream",
        "avoidable": "The device loses features when its driver next starts: {names}. The "
        "target's host denies them: {why:;}. Once the driver uses them, the target refuses the "
        "stream. When the guest next starts, set {off} on the device, on both hosts",
        "risk": "The target refuses the stream once the guest's driver uses {names}, which the "
        "target's host denies the device: {why:;}",
        "agreed": "The target refuses the stream: the guest's driver uses {names}, which the "
        "target's host denies the device: {why:;}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostOffersDiffer):
        lost = each.source & ~each.target
        if not lost:
            continue
        fatal = agreed_at(comparison.source, each.address) & lost
        if fatal:
            yield _fatal(each, comparison, fatal)
        else:
            yield _late(each, comparison, lost)
            yield _risk(each, comparison, lost)


def _fatal(each: HostOffersDiffer, comparison: Comparison, bits: int) -> Finding:
    names, why = denied(each, bits)
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain",
        subject=subject_of(comparison.source, each.address),
        case="agreed",
        args={"names": names, "why": why},
        evidence=(evidence(each), _agreed(comparison, each)),
    )


def _agreed(comparison: Comparison, each: HostOffersDiffer) -> Evidence:
    agreed = agreed_at(comparison.source, each.address)
    return Evidence("virtio features that the driver agreed on", f"{agreed:#x}", None)


def _risk(each: HostOffersDiffer, comparison: Comparison, bits: int) -> Finding:
    """No driver has run in the twin; the guest's own may have agreed on them already."""
    names, why = denied(each, bits)
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="possible",
        subject=subject_of(comparison.source, each.address),
        case="risk",
        args={"names": names, "why": why},
        evidence=(evidence(each),),
    )


def _late(each: HostOffersDiffer, comparison: Comparison, bits: int) -> Finding:
    names, why = denied(each, bits)
    off = settings(each, bits)  # nothing on the target helps; the guest's next start does
    return Finding(
        rule=RULE.id,
        promise="unchanged",
        certainty="certain",
        subject=subject_of(comparison.source, each.address),
        case="avoidable" if off else "",
        args={"names": names, "why": why, "off": off},
        evidence=(evidence(each),),
    )
