"""A RAM block has another size on the target, and the target cannot give it the source's.

QEMU resizes a block to the length received (system/physmem.c `qemu_ram_resize`): a block that is
not resizable answers `Size mismatch`, one that would grow past its maximum `Size too large`. A
resizable block that fits is no finding here: it takes the source's length.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.memory import Block, BlockDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import block_of

RULE = Rule(
    id="ram_block_size_changed",
    stage="memory",
    position=2,
    says={
        "": 'The target refuses the stream: its memory block "{block}" has {own:#x} bytes and '
        "cannot become the source's {sent:#x}",
    },
    foretells=("memory size",),
    travels=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(BlockDiffers):
        one, other = difference.source, difference.target
        if one is None or other is None or _fits(one, other):
            continue
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=block_of(comparison.source, difference.name),
            args={"block": difference.name, "sent": one.length, "own": other.length},
            evidence=(
                Evidence(
                    f"size of RAM block {difference.name}", f"{one.length:#x}", f"{other.length:#x}"
                ),
            ),
        )


def _fits(one: Block, other: Block) -> bool:
    if not is_resizable(other):
        return False
    return other.maximum is None or one.length <= other.maximum


FIRMWARE_TABLES = "/rom@"
"""Blobs that firmware fetches are added with `rom_add_blob` into resizable memory
(hw/core/loader.c `rom_set_mr`, hw/acpi/aml-build.c; 2.3 and later)."""


def is_resizable(block: Block) -> bool:
    """A block whose maximum exceeds its length has room; firmware blobs always were made so."""
    if block.maximum is not None and block.maximum > block.length:
        return True
    return block.name.startswith(FIRMWARE_TABLES)
