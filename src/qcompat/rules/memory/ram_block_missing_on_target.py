"""The source sends a RAM block that the target does not have.

Fatal: `Unknown ramblock "…", cannot accept migration` (migration/ram.c `parse_ramblocks`).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.memory import BlockDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import block_of

RULE = Rule(
    id="ram_block_missing_on_target",
    stage="memory",
    position=1,
    says={
        "": 'The target refuses the stream: the source sends the memory block "{block}" '
        "({size:#x} bytes), which the target does not have",
    },
    foretells=("unknown memory block",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(BlockDiffers):
        if difference.source is None or difference.target is not None:
            continue
        size = f"{difference.source.length:#x} bytes"
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=block_of(comparison.source, difference.name),
            args={"block": difference.name, "size": difference.source.length},
            evidence=(Evidence(f"RAM block {difference.name}", size, None),),
        )
