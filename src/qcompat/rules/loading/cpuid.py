"""CPUID registers and the feature properties that stand for their bits."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuPropertyDiffers, FeatureWordDiffers
from qcompat.rules.dataset import read_table
from qcompat.rules.finding import Evidence

ON = "true"
INTERNAL = ("x-", "legacy-", "kvm-no-", "enforce", "check", "pmu")
"""Beginnings of properties that steer QEMU and stand for no CPUID bit of their own."""


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `cpuid.toml`."""

    eax: int
    register: str
    bits: int
    source: str
    ecx: int | None = None


class DerivedBits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `cpuid.toml`."""

    derived: tuple[Derived, ...]


@cache
def derived_bits() -> dict[tuple[int, int | None, str], int]:
    table = read_table("loading/cpuid.toml", DerivedBits)
    return {(row.eax, row.ecx, row.register): row.bits for row in table.derived}


def changed_bits(difference: FeatureWordDiffers) -> tuple[int, int]:
    """(bits lost, bits gained), without those that follow from the number of processors."""
    key = (difference.eax, difference.ecx, difference.register.upper())
    derived = derived_bits().get(key, 0)
    one, other = difference.source & ~derived, difference.target & ~derived
    return one & ~other, other & ~one


def features_lost(comparison: Comparison) -> tuple[str, ...]:
    """Feature properties that are on at the source and off, or unknown, at the target."""
    return tuple(
        each.name
        for each in comparison.of(CpuPropertyDiffers)
        if each.source == ON and not each.name.startswith(INTERNAL)
    )


def features_gained(comparison: Comparison) -> tuple[str, ...]:
    """Feature properties that are off, or unknown, at the source and on at the target."""
    return tuple(
        each.name
        for each in comparison.of(CpuPropertyDiffers)
        if each.target == ON and not each.name.startswith(INTERNAL)
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
