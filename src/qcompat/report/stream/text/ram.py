"""Guest memory of a stream as a table: blocks and how their pages were sent."""

from __future__ import annotations

from qcompat.report.output import Output
from qcompat.report.terminal.plain import printable
from qcompat.stream.memory.tally import BlockTally, MemoryTally

_HEAD = ("block", "bytes", "pages", "zero", "raw", "XBZRLE", "compressed", "in the stream")


def write(tally: MemoryTally, out: Output) -> None:
    """One line a block, and their sum."""
    rows = [_HEAD, *(_row(block) for block in tally.blocks), _sum(tally)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        out.write("  ".join([first, *others]).rstrip() + "\n")
    if tally.flushes:
        out.write(f"{tally.flushes:,} multifd flushes: pages were sent in channels of their own\n")


def _row(each: BlockTally) -> tuple[str, ...]:
    numbers = (each.block.length, each.pages, each.zero, each.raw, each.xbzrle)
    return (
        printable(each.block.name),
        *(f"{number:,}" for number in (*numbers, each.compressed, each.size)),
    )


def _sum(tally: MemoryTally) -> tuple[str, ...]:
    rows = [
        (b.block.length, b.pages, b.zero, b.raw, b.xbzrle, b.compressed, b.size)
        for b in tally.blocks
    ]
    sums = [sum(column) for column in zip(*rows, strict=True)] or [0] * (len(_HEAD) - 1)
    return ("all", *(f"{number:,}" for number in sums))
