"""The flags of RAM records, in the low bits of a page's address (migration/ram.c).

COMPRESS_PAGE went away with 9.1, MULTIFD_FLUSH came with 8.1. ZERO was called COMPRESS until 8.1.
"""

from __future__ import annotations

ZERO = 0x02
MEM_SIZE = 0x04
PAGE = 0x08
EOS = 0x10
CONTINUE = 0x20
XBZRLE = 0x40
HOOK = 0x80
COMPRESS_PAGE = 0x100
MULTIFD_FLUSH = 0x200
