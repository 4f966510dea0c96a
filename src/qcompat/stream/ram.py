"""Guest memory in the stream: the list of blocks, and stepping over the pages.

Pages are skipped, not kept; runs of equal records at the speed of a regular expression, with
the pages of a mapped file given back as they are passed. Format: migration/ram.c
(ram_save_setup, ram_load_precopy); COMPRESS_PAGE until 9.0, MULTIFD_FLUSH since 8.1,
mapped-ram since 9.0.
"""

from __future__ import annotations

import re
from functools import cache

from qcompat.stream.cursor import Cursor
from qcompat.stream.model import RamBlock

ZERO = 0x02
MEM_SIZE = 0x04
PAGE = 0x08
EOS = 0x10
CONTINUE = 0x20
XBZRLE = 0x40
HOOK = 0x80
COMPRESS_PAGE = 0x100
MULTIFD_FLUSH = 0x200

DEFAULT_PAGE_SIZE = 4096
SUPPORTED_VERSION = 4

# migration capabilities that change what is written of a block
IGNORE_SHARED = "x-ignore-shared"
MAPPED_RAM = "mapped-ram"

_FLAGS = 0x3FF  # the smallest page is 1 KiB, so that every flag fits below it (ram.c)
_LARGEST_PAGE = 1 << 20
_RUN = 4096  # records that one match steps over
_OWN_RECORD = (MEM_SIZE, EOS, HOOK, MULTIFD_FLUSH)


class RamReader:
    """Reads the sections of `ram`; one per stream, because a page may belong to the last block.

    `has_page_sizes` says that postcopy was announced: blocks on huge pages then carry their
    page size; `capabilities` are those that the configuration names.
    """

    def __init__(self, page_size: int, capabilities: tuple[str, ...], has_page_sizes: bool) -> None:
        self.page_size = page_size
        self.blocks: list[RamBlock] = []
        self._names: set[str] = set()
        self._has_addresses = IGNORE_SHARED in capabilities
        self._is_mapped = MAPPED_RAM in capabilities
        self._has_page_sizes = has_page_sizes

    def read(self, cursor: Cursor) -> None:
        """Read one section's content up to its end mark. Raises StreamError."""
        if not 1024 <= self.page_size <= _LARGEST_PAGE or self.page_size & (self.page_size - 1):
            raise cursor.error(f"guest pages of {self.page_size} bytes do not exist")
        zeros, pages = _zero_run(self.page_size), _page_run(self.page_size)
        flags = 0
        while flags != EOS:
            for run in (zeros, pages):
                if match := run.match(cursor.buffer, cursor.offset, cursor.end):
                    cursor.offset = match.end()
                    cursor.forget()
            flags = self._record(cursor)

    def _record(self, cursor: Cursor) -> int:
        start = cursor.offset
        word = cursor.u64("a page's address")
        flags = word & (self.page_size - 1)
        if flags == MEM_SIZE:
            self._blocks(cursor, word - flags)
        elif flags in _OWN_RECORD:
            pass
        elif flags & ~CONTINUE in _PAGES:
            if not flags & CONTINUE:
                self._known_block(cursor)
            _PAGES[flags & ~CONTINUE](self, cursor)
        else:
            raise cursor.error(f"unknown combination of RAM flags {flags:#x}", offset=start)
        return flags

    def _known_block(self, cursor: Cursor) -> None:
        name = cursor.name("the name of a RAM block")
        if name not in self._names:
            raise cursor.error(f"a page of RAM block {name!r}, which was not announced")

    def _blocks(self, cursor: Cursor, total: int) -> None:
        while total > 0:
            name = cursor.name("the name of a RAM block")
            with cursor.within(name):
                length = cursor.u64("the length of a RAM block")
                if length > total:
                    raise cursor.error(f"{length} bytes, but only {total} are left to announce")
                self.blocks.append(RamBlock(name, length))
                self._names.add(name)
                self._block_extras(cursor, length)
            total -= length

    def _block_extras(self, cursor: Cursor, length: int) -> None:
        # A page size is sent only for other pages than the host's, and nothing says whether.
        # It begins with a zero byte, unlike a name, and has no low bits, unlike flags.
        ahead = cursor.peek(8)
        if self._has_page_sizes and ahead[:1] == b"\0" and _is_page_size(ahead):
            cursor.skip(8)
        if self._has_addresses:
            cursor.skip(8, "the address of a RAM block")
        if self._is_mapped:
            self._mapped(cursor, length)

    def _mapped(self, cursor: Cursor, length: int) -> None:
        cursor.skip(4 + 8 + 8, "the header of a mapped RAM block")
        pages = cursor.u64("the place of a mapped RAM block's pages")
        if pages < cursor.offset or pages + length > cursor.end:
            raise cursor.error(f"{length} bytes of pages at {pages} are not within the file")
        cursor.offset = pages + length

    def _zero(self, cursor: Cursor) -> None:
        cursor.skip(1, "a page's fill byte")

    def _page(self, cursor: Cursor) -> None:
        cursor.skip(self.page_size, "a page")

    def _xbzrle(self, cursor: Cursor) -> None:
        if cursor.u8("an XBZRLE encoding") != 1:
            raise cursor.error("the XBZRLE encoding is unknown")
        self._encoded(cursor, cursor.u16("the length of an XBZRLE page"))

    def _compressed(self, cursor: Cursor) -> None:
        self._encoded(cursor, cursor.u32("the length of a compressed page"))

    def _encoded(self, cursor: Cursor, length: int) -> None:
        if length > self.page_size + 1024:  # compressBound() adds less than this
            raise cursor.error(f"an encoded page of {length} bytes is larger than the page")
        cursor.skip(length, "an encoded page")


_PAGES = {
    ZERO: RamReader._zero,
    PAGE: RamReader._page,
    XBZRLE: RamReader._xbzrle,
    COMPRESS_PAGE: RamReader._compressed,
}


def _is_page_size(raw: bytes) -> bool:
    size = int.from_bytes(raw, "big")
    return len(raw) == 8 and size & _FLAGS == 0 and size > 0 and size & (size - 1) == 0


@cache
def _zero_run(page_size: int) -> re.Pattern[bytes]:
    return _run(page_size, CONTINUE | ZERO, b"\\x00")


@cache
def _page_run(page_size: int) -> re.Pattern[bytes]:
    return _run(page_size, CONTINUE | PAGE, b".{%d}" % page_size)


def _run(page_size: int, flags: int, body: bytes) -> re.Pattern[bytes]:
    """Records of pages of the current block that carry these flags and nothing else."""
    high = bytes(value for value in range(256) if value & ((page_size - 1) >> 8) == 0)
    word = b".{%d}" % (6,) + b"[" + re.escape(high) + b"]" + re.escape(bytes([flags]))
    if page_size > 1 << 16:
        word = b".{5}[\\x00-\\xff]\\x00" + re.escape(bytes([flags]))
    # Not possessive: until Python 3.11.5 such a match ends within a record (cpython gh-106052).
    return re.compile(b"(?:%b%b){1,%d}" % (word, body, _RUN), re.DOTALL)
