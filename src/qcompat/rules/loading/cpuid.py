"""CPUID registers and the feature properties that stand for their bits."""

from __future__ import annotations

from collections.abc import Iterable

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuPropertyDiffers, FeatureWordDiffers
from qcompat.rules.finding import Evidence

ON, OFF = "true", "false"


def features_lost(comparison: Comparison) -> tuple[str, ...]:
    """Feature properties that are on at the source and off, or unknown, at the target."""
    return tuple(
        each.name
        for each in comparison.of(CpuPropertyDiffers)
        if each.source == ON and each.target in (OFF, None)
    )


def features_gained(comparison: Comparison) -> tuple[str, ...]:
    """Feature properties that are off, or unknown, at the source and on at the target."""
    return tuple(
        each.name
        for each in comparison.of(CpuPropertyDiffers)
        if each.target == ON and each.source in (OFF, None)
    )


def called(difference: FeatureWordDiffers) -> str:
    """`CPUID[0x7,0].EBX`."""
    subleaf = "" if difference.ecx is None else f",{difference.ecx}"
    return f"CPUID[{difference.eax:#x}{subleaf}].{difference.register.upper()}"


def evidence_of(differences: Iterable[FeatureWordDiffers]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(called(each), f"{each.source:#010x}", f"{each.target:#010x}")
        for each in differences
    )
