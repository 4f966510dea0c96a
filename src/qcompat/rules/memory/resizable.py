"""Which RAM blocks can take another length while a stream is loaded."""

from __future__ import annotations

from qcompat.compare.memory import Block

FIRMWARE_TABLES = "/rom@"
"""Blobs that firmware fetches are added with `rom_add_blob` into resizable memory
(hw/core/loader.c `rom_set_mr`, hw/acpi/aml-build.c; 2.3 and later)."""


def is_resizable(block: Block) -> bool:
    """A block whose maximum exceeds its length has room; firmware blobs always were made so."""
    if block.maximum is not None and block.maximum > block.length:
        return True
    return block.name.startswith(FIRMWARE_TABLES)
