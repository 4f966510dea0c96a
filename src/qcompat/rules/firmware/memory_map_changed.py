"""Firmware gets another memory map on the target (`etc/e820`).

Firmware reads it once after a reset; the running guest keeps the map it has, and the memory
itself is compared block by block elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.firmware.files import E820_TYPES, MemoryMapDiffers, MemoryRange
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import FIRMWARE

RULE = Rule(
    id="memory_map_changed",
    stage="reset",
    position=3,
    effect=Effect(
        "reset",
        "firmware reads `etc/e820` when it starts and hands it on; an operating system keeps "
        "what it got (hw/i386/pc.c, hw/i386/e820_memory_layout.c)",
    ),
    says={
        "": "After its next reset the guest finds another memory map on the target: {target} "
        "instead of {source}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(MemoryMapDiffers):
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="certain",
            subject=FIRMWARE,
            args={
                "source": _ranges(difference.source) or "nothing",
                "target": _ranges(difference.target) or "nothing",
            },
            evidence=(
                Evidence(
                    "memory map (e820)",
                    _ranges(difference.source) or None,
                    _ranges(difference.target) or None,
                ),
            ),
        )


def _ranges(ranges: tuple[MemoryRange, ...]) -> str:
    return ", ".join(
        f"{each.address:#x}-{each.address + each.length - 1:#x} "
        f"{E820_TYPES.get(each.type, f'type {each.type}')}"
        for each in ranges
    )
