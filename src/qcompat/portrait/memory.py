"""Reading `info ramblock`: the blocks of guest memory as a build holds them.

`query-ramblock` exists only from 6.2, the monitor's table since 2.9. Its columns are block
name, page size, offset, used length and total length (QEMU: migration/ram-hmp or exec.c,
ram_block_format), in 11 two more.
"""

from __future__ import annotations

import re

from qcompat.portrait.portrait import MemoryBlock

_ROW = re.compile(
    r"^\s*(?P<name>\S.*?)\s+(?P<page>\d+) (?P<unit>[KMG]iB|B)\s+0x[0-9a-f]+"
    r"\s+(?P<used>0x[0-9a-f]+)\s+(?P<total>0x[0-9a-f]+)"
)
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def read_ramblock(text: str) -> tuple[MemoryBlock, ...]:
    """The blocks in the order of the table."""
    return tuple(
        MemoryBlock(
            name=match["name"],
            used=int(match["used"], 16),
            maximum=int(match["total"], 16),
            page_size=int(match["page"]) * _UNITS[match["unit"]],
        )
        for match in map(_ROW.match, text.splitlines())
        if match
    )
