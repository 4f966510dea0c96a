"""Guest memory in the stream: the list of blocks, and the records of pages.

`pages` finds runs of equal records; here is everything that is rare: the list,
pages with a block's name, encoded pages, marks. Format: migration/ram.c (ram_save_setup,
ram_load_precopy); x-ignore-shared since 4.0, mapped-ram since 9.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from qcompat.stream import events as e
from qcompat.stream.cursor import Cursor
from qcompat.stream.input.stream_bytes import StreamBytes
from qcompat.stream.memory import ram_flags
from qcompat.stream.memory.ram_flags import (
    COMPRESS_PAGE,
    CONTINUE,
    EOS,
    HOOK,
    MEM_SIZE,
    MULTIFD_FLUSH,
    PAGE,
    XBZRLE,
    ZERO,
)
from qcompat.stream.model import Configuration, MappedRam, RamBlock
from qcompat.stream.record import Record

if TYPE_CHECKING:
    from qcompat.stream.memory.pages import Run

DEFAULT_PAGE_SIZE = 4096
SUPPORTED_VERSION = 4

# migration capabilities that change what is written of a block
IGNORE_SHARED = "x-ignore-shared"
MAPPED_RAM = "mapped-ram"

_SMALLEST_PAGE, _LARGEST_PAGE = 1 << 10, 1 << 20  # flags need 10 bits below an address
_WINDOW = 1 << 23  # bytes looked at together
_MOST_BLOCKS = 65_536
_MARKS = (EOS, HOOK, MULTIFD_FLUSH)
_PAGES = (ZERO, PAGE, XBZRLE, COMPRESS_PAGE)


@cache
def _finder() -> Callable[[memoryview, int, int], Iterator[Run]] | None:
    """What finds runs of pages; without numpy pages are read one by one, which takes longer."""
    try:
        from qcompat.stream.memory.pages import runs  # most questions do without numpy
    except ModuleNotFoundError:
        return None
    return runs


class RamReader:
    """Reads the sections of `ram`; one per stream, because a page may belong to the last block.

    `page_size` is the guest's; `has_page_sizes` says that postcopy was announced: blocks on huge
    pages then carry their page size.
    """

    def __init__(
        self, page_size: int | None, configuration: Configuration | None, has_page_sizes: bool
    ) -> None:
        capabilities = configuration.capabilities if configuration else ()
        self.page_size = DEFAULT_PAGE_SIZE if page_size is None else page_size
        self.blocks: dict[str, RamBlock] = {}
        self._block: RamBlock | None = None
        self._has_addresses = IGNORE_SHARED in capabilities
        self._is_mapped = MAPPED_RAM in capabilities
        self._has_page_sizes = has_page_sizes

    def events(self, cursor: Cursor, kind: Record) -> Iterator[e.Event]:
        """Read one section's content up to its end mark. Raises StreamError."""
        del kind  # all parts have one form
        if not _SMALLEST_PAGE <= self.page_size <= _LARGEST_PAGE or self.page_size & (
            self.page_size - 1
        ):
            raise cursor.error(f"guest pages of {self.page_size} bytes do not exist")
        while True:
            yield from self._runs(cursor)
            start = cursor.offset
            word = cursor.u64("a page's address")
            flags = word & (self.page_size - 1)
            if flags == MEM_SIZE:
                yield from self._blocks(cursor, word - flags, start)
            elif flags in _MARKS:
                yield e.RamMark(start, flags, word - flags)
            elif flags & ~CONTINUE in _PAGES:
                yield self._page(cursor, word - flags, flags, start)
            else:
                raise cursor.error(f"unknown combination of RAM flags {flags:#x}", offset=start)
            if flags == EOS:
                return

    def _runs(self, cursor: Cursor) -> Iterator[e.PageRun]:
        """Pages that continue the current block, as many as follow each other."""
        while self._block is not None and not isinstance(cursor.buffer, bytes):
            if not cursor.peek(8)[-1:].strip(_CONTINUED):
                found = self._window(cursor, cursor.buffer, self._block)
            else:
                found = []
            if not found:
                return
            yield from found
            cursor.forget()

    def _window(self, cursor: Cursor, data: StreamBytes, block: RamBlock) -> list[e.PageRun]:
        runs = _finder()
        found: list[e.PageRun] = []
        if runs is None:
            return found
        with data.window(cursor.offset, _WINDOW) as view:
            for flags, count, stride in runs(view, self.page_size, block.length):
                found.append(
                    e.PageRun(cursor.offset, block.name, flags, count, stride, self.page_size)
                )
                cursor.offset += count * stride
        return found

    def _page(self, cursor: Cursor, address: int, flags: int, start: int) -> e.PageRun:
        block = self._block if flags & CONTINUE else self._named(cursor)
        if block is None:
            raise cursor.error("a page that continues a block, and there was none", offset=start)
        self._block = block
        if address >= block.length:
            raise cursor.error(
                f"a page at {address:#x} of RAM block {block.name!r}, which ends at "
                f"{block.length:#x}",
                offset=start,
            )
        self._body(cursor, flags & ~CONTINUE)
        return e.PageRun(start, block.name, flags, 1, cursor.offset - start, self.page_size)

    def _body(self, cursor: Cursor, form: int) -> None:
        match form:
            case ram_flags.ZERO:
                cursor.skip(1, "a page's fill byte")
            case ram_flags.PAGE:
                cursor.skip(self.page_size, "a page")
            case ram_flags.XBZRLE:
                if cursor.u8("an XBZRLE encoding") != 1:
                    raise cursor.error("the XBZRLE encoding is unknown")
                self._encoded(cursor, cursor.u16("the length of an XBZRLE page"))
            case _:
                self._encoded(cursor, cursor.u32("the length of a compressed page"))

    def _encoded(self, cursor: Cursor, length: int) -> None:
        if length > self.page_size + 1024:  # compressBound() adds less than this
            raise cursor.error(f"an encoded page of {length} bytes is larger than the page")
        cursor.skip(length, "an encoded page")

    def _named(self, cursor: Cursor) -> RamBlock:
        name = cursor.name("the name of a RAM block")
        if name not in self.blocks:
            raise cursor.error(f"a page of RAM block {name!r}, which was not announced")
        return self.blocks[name]

    def _blocks(self, cursor: Cursor, total: int, start: int) -> Iterator[e.Event]:
        yield e.BlockListBegins(start, total)
        while total > 0:
            start = cursor.offset
            block = self._announced(cursor, total)
            yield e.BlockAnnounced(start, block)
            if block.mapped is not None:
                yield self._mapped_pages(cursor, block)
            total -= block.length

    def _announced(self, cursor: Cursor, total: int) -> RamBlock:
        name = cursor.name("the name of a RAM block")
        with cursor.within(name):
            length = cursor.u64("the length of a RAM block")
            if length > total:
                raise cursor.error(f"{length} bytes, but only {total} are left to announce")
            if name in self.blocks or len(self.blocks) >= _MOST_BLOCKS:
                raise cursor.error("RAM block announced twice, or too many of them")
            block = RamBlock(
                name,
                length,
                self._host_page_size(cursor),
                cursor.u64("the address of a RAM block") if self._has_addresses else None,
                self._mapped_header(cursor, length) if self._is_mapped else None,
            )
        self.blocks[name] = block
        return block

    def _host_page_size(self, cursor: Cursor) -> int | None:
        # A page size is sent only where it is not the host's; the stream does not say whether.
        # It begins with a zero byte, unlike a name, and has no low bits, unlike flags.
        ahead = cursor.peek(8)
        size = int.from_bytes(ahead, "big")
        is_size = len(ahead) == 8 and size >= _SMALLEST_PAGE and size & (size - 1) == 0
        if not self._has_page_sizes or ahead[:1] != b"\0" or not is_size:
            return None
        return cursor.u64("a page size")

    def _mapped_header(self, cursor: Cursor, length: int) -> MappedRam:
        header = MappedRam(
            cursor.u32("the version of a mapped RAM block"),
            cursor.u64("its page size"),
            cursor.u64("the place of its bitmap"),
            cursor.u64("the place of its pages"),
        )
        if header.version != 1:
            raise cursor.error(f"version {header.version} of mapped RAM is unknown")
        if header.page_size != self.page_size:
            raise cursor.error(f"mapped pages of {header.page_size} bytes, not {self.page_size}")
        bitmap_end = header.bitmap + bitmap_size(length, header.page_size)
        if not cursor.offset <= header.bitmap <= bitmap_end <= header.pages:
            raise cursor.error(
                f"bitmap at {header.bitmap} and pages at {header.pages} do not follow the header"
            )
        return header

    def _mapped_pages(self, cursor: Cursor, block: RamBlock) -> e.MappedPages:
        start, mapped = cursor.offset, block.mapped
        end = (mapped.pages if mapped else start) + block.length
        cursor.skip(end - start, f"mapped RAM block {block.name}")
        return e.MappedPages(start, end - start, block)


_CONTINUED = bytes([CONTINUE | ZERO, CONTINUE | PAGE])


def bitmap_size(length: int, page_size: int) -> int:
    """Bytes of the bitmap of a mapped block: whole words of the 64-bit host that saved it."""
    return -(-(length // page_size) // 64) * 8
