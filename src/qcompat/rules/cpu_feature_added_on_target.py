"""The guest gains processor features: CPUID bits differ on the target.

CPUID is not in the stream. The target's processor is made from its own model and properties,
so the change is there at once, in the running guest (target/i386/cpu.c `cpu_x86_cpuid`).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import FeatureWordDiffers
from qcompat.rules.finding import Finding
from qcompat.rules.loading.cpuid import called, changed_bits, evidence_of, features_gained

RULE = "cpu_feature_added_on_target"


def find(comparison: Comparison) -> Iterator[Finding]:
    differences = comparison.of(FeatureWordDiffers)
    changed = [each for each in differences if changed_bits(each)[1]]
    if not changed:
        return
    features = features_gained(comparison)
    names = ", ".join(features) or ", ".join(called(each) for each in changed)
    yield Finding(
        rule=RULE,
        promise="unchanged",
        certainty="certain",
        device="CPU",
        summary=f"The running guest gains processor features: {names}; software that starts to "
        "use them cannot go back",
        evidence=evidence_of(changed),
        remedy=_remedy(comparison, features),
    )


def _remedy(comparison: Comparison, features: tuple[str, ...]) -> str | None:
    """Switch off on the target what the source does not have."""
    del comparison
    return "".join(["-cpu MODEL", *(f",{name}=off" for name in features)]) if features else None
