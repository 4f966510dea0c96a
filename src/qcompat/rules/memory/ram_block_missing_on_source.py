"""The target has a memory block that the source does not send: it keeps its first contents.

Never refused (migration/ram.c `parse_ramblocks` goes by what is received).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.memory import BlockDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import block_of

RULE = "ram_block_missing_on_source"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(BlockDiffers):
        if difference.source is not None or difference.target is None:
            continue
        size = f"{difference.target.length:#x} bytes"
        yield Finding(
            rule=RULE,
            promise="unchanged",
            certainty="possible",
            subject=block_of(comparison.target, difference.name),
            summary=f'The memory block "{difference.name}" keeps the target\'s contents, since '
            "the source does not send it",
            evidence=(Evidence(f"RAM block {difference.name}", None, size),),
        )
