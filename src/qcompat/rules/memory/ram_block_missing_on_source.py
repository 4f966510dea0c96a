"""The target has a memory block that the source does not send: it keeps its first contents.

Never refused (migration/ram.c `parse_ramblocks` goes by what is received).
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.memory import BlockDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import block_of

RULE = Rule(
    id="ram_block_missing_on_source",
    stage="notes",
    position=5,
    effect=Effect(
        "now",
        "the memory has the contents of the target as soon as the guest runs",
    ),
    says={
        "": 'The memory block "{block}" keeps the target\'s contents, because the source does not '
        "send it",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(BlockDiffers):
        if difference.source is not None or difference.target is None:
            continue
        size = f"{difference.target.length:#x} bytes"
        yield Finding(
            rule=RULE.id,
            promise="unchanged",
            certainty="possible",
            subject=block_of(comparison.target, difference.name),
            args={"block": difference.name},
            evidence=(Evidence(f"RAM block {difference.name}", None, size),),
        )
