"""How much guest memory is in a stream, and in which form: pages counted per block.

A page can be sent more than once while the guest runs, so the counts of a block may exceed its
pages; with postcopy, multifd or x-ignore-shared they may fall short, since pages then travel
elsewhere or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from qcompat.errors import StreamError
from qcompat.stream import events as e
from qcompat.stream.input.stream_bytes import StreamBytes
from qcompat.stream.memory.ram import bitmap_size
from qcompat.stream.memory.ram_flags import (
    COMPRESS_PAGE,
    CONTINUE,
    MULTIFD_FLUSH,
    PAGE,
    XBZRLE,
    ZERO,
)
from qcompat.stream.model import RamBlock

_STEP = 1 << 20


class BlockTally(msgspec.Struct, frozen=True):
    """Pages of one block as they were sent: zero, raw, XBZRLE-encoded, zlib-compressed.

    `page_size` is the guest's, `size` the bytes that the block takes in the stream.
    """

    block: RamBlock
    page_size: int
    zero: int = 0
    raw: int = 0
    xbzrle: int = 0
    compressed: int = 0
    size: int = 0

    @property
    def pages(self) -> int:
        """The pages that the block has."""
        return -(-self.block.length // self.page_size)

    @property
    def sent(self) -> int:
        """The pages that the stream holds, those sent again included."""
        return self.zero + self.raw + self.xbzrle + self.compressed


class MemoryTally(msgspec.Struct, frozen=True):
    """Guest memory in a stream; `flushes` counts the marks at which multifd channels meet."""

    blocks: tuple[BlockTally, ...]
    flushes: int = 0


class Counting:
    """Counts while events pass by: `see` each of them, then ask for the `result`."""

    def __init__(self, data: StreamBytes) -> None:
        self._data = data
        self._blocks: dict[str, RamBlock] = {}
        self._counts: dict[str, Counter[int]] = {}
        self._sizes: Counter[str] = Counter()
        self._page_size = 0
        self._flushes = 0

    def see(self, event: e.Event) -> None:
        match event:
            case e.PageRun():
                self._page_size = event.page_size
                self._counts[event.block][event.flags & ~CONTINUE] += event.count
                self._sizes[event.block] += event.count * event.stride
            case e.BlockAnnounced():
                self._blocks[event.block.name] = event.block
                self._counts[event.block.name] = Counter()
            case e.MappedPages():
                self._see_mapped(event)
            case e.RamMark():
                self._flushes += event.flags == MULTIFD_FLUSH

    def result(self, page_size: int) -> MemoryTally:
        """What was counted; `page_size` serves where no page was seen."""
        size = self._page_size or page_size
        return MemoryTally(
            tuple(
                BlockTally(
                    block,
                    size,
                    zero=self._counts[name][ZERO],
                    raw=self._counts[name][PAGE],
                    xbzrle=self._counts[name][XBZRLE],
                    compressed=self._counts[name][COMPRESS_PAGE],
                    size=self._sizes[name],
                )
                for name, block in self._blocks.items()
            ),
            self._flushes,
        )

    def _see_mapped(self, event: e.MappedPages) -> None:
        mapped = event.block.mapped
        if mapped is None:
            return
        self._page_size = mapped.page_size
        size = bitmap_size(event.block.length, mapped.page_size)
        parts = (
            self._data[at : min(at + _STEP, mapped.bitmap + size)]
            for at in range(mapped.bitmap, mapped.bitmap + size, _STEP)
        )
        raw = _ones(parts)
        pages = event.block.length // mapped.page_size
        if raw > pages:
            raise StreamError(
                f"{raw} pages in the bitmap of RAM block {event.block.name!r}, which has {pages}",
                offset=mapped.bitmap,
            )
        self._counts[event.block.name] = Counter({PAGE: raw, ZERO: pages - raw})
        self._sizes[event.block.name] = raw * mapped.page_size


def _ones(parts: Iterable[bytes]) -> int:
    return sum(int.from_bytes(part, "little").bit_count() for part in parts)
