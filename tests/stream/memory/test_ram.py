"""The RAM section with every kind of record, one at a time."""

from __future__ import annotations

from typing import Any

import pytest

from qcompat.errors import StreamError
from qcompat.stream.cursor import Cursor
from qcompat.stream.events import BlockAnnounced, Event, PageRun
from qcompat.stream.input.stream_bytes import InMemory
from qcompat.stream.memory.ram import RamReader
from qcompat.stream.model import Configuration, MappedRam, RamBlock
from qcompat.stream.record import Record

PAGE = 4096


def u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def block(name: str, length: int, extra: bytes = b"") -> bytes:
    return bytes([len(name)]) + name.encode() + u64(length) + extra


BLOCKS = u64(0x3000 | 0x04) + block("pc.ram", 0x2000) + block("rom", 0x1000)
EOS = u64(0x10)


def ram_events(
    content: bytes, *capabilities: str, has_page_sizes: bool = False, page_size: int = PAGE
) -> list[Event]:
    cursor = Cursor(InMemory(content), record="ram")
    reader = RamReader(page_size, Configuration("pc", capabilities), has_page_sizes)
    found = list(reader.events(cursor, Record.START))
    assert cursor.left == 0
    return found


def ram(content: bytes, *capabilities: str, **how: Any) -> tuple[RamBlock, ...]:
    found = ram_events(content, *capabilities, **how)
    return tuple(event.block for event in found if isinstance(event, BlockAnnounced))


def counts(content: bytes) -> dict[int, int]:
    """Pages by flags, CONTINUE left out."""
    found: dict[int, int] = {}
    for event in ram_events(content):
        if isinstance(event, PageRun):
            form = event.flags & ~0x20
            found[form] = found.get(form, 0) + event.count
    return found


def first_page() -> bytes:
    """A page that names its block, for others to continue."""
    return u64(0x02) + b"\x06pc.ram" + b"\0"


@pytest.mark.parametrize(
    "record",
    [
        u64(0x1000 | 0x02) + b"\x06pc.ram" + b"\0",
        u64(0x1000 | 0x08) + b"\x06pc.ram" + bytes(PAGE),
        u64(0x1000 | 0x40) + b"\x06pc.ram" + b"\x01\x00\x05abcde",
        u64(0x1000 | 0x100) + b"\x06pc.ram" + b"\0\0\0\x05abcde",
        u64(0x80),
        u64(0x200),
        u64(0x1000 | 0x22) + b"\0",
        (u64(0x1000 | 0x22) + b"\0") * 5000,
        (u64(0x1000 | 0x28) + b"\x55" * PAGE) * 3,
        (u64(0x28) + b"\x55" * PAGE) + u64(0x1000 | 0x22) + b"\0" + u64(0x200),
    ],
    ids=[
        "zero",
        "page",
        "xbzrle",
        "compressed",
        "hook",
        "flush",
        "continued",
        "zero run",
        "page run",
        "mixed",
    ],
)
def test_each_kind_of_record_is_stepped_over(record: bytes) -> None:
    expected = (RamBlock("pc.ram", 0x2000), RamBlock("rom", 0x1000))
    assert ram(BLOCKS + first_page() + record + EOS) == expected


def test_shared_memory_blocks_carry_their_address() -> None:
    content = u64(0x1000 | 0x04) + block("rom", 0x1000, u64(0xFFFC0000)) + EOS
    assert ram(content, "x-ignore-shared") == (RamBlock("rom", 0x1000, address=0xFFFC0000),)


def test_blocks_on_huge_pages_carry_their_page_size_before_postcopy() -> None:
    blocks = block("pc.ram", 0x200000, u64(0x200000)) + block("rom", 0x1000)
    content = u64(0x201000 | 0x04) + blocks + EOS
    assert ram(content, has_page_sizes=True) == (
        RamBlock("pc.ram", 0x200000, page_size=0x200000),
        RamBlock("rom", 0x1000),
    )


def test_mapped_blocks_are_stepped_over_in_the_file() -> None:
    # migration/ram.c, MappedRamHeader (9.0): version, page size, places of bitmap and pages
    start = len(u64(0) + block("rom", 0))
    header = (1).to_bytes(4, "big") + u64(PAGE) + u64(start + 28) + u64(0x1000)
    content = u64(0x1000 | 0x04) + block("rom", 0x1000, header)
    content = content.ljust(0x2000, b"\0") + EOS
    assert ram(content, "mapped-ram") == (
        RamBlock("rom", 0x1000, mapped=MappedRam(1, PAGE, start + 28, 0x1000)),
    )


def test_pages_of_64_kib() -> None:
    content = u64(0x10000 | 0x04) + block("ram", 0x10000)
    page = u64(0x08) + b"\x03ram" + bytes(1 << 16)
    run = (u64(0x28) + bytes(1 << 16)) * 2 + (u64(0x22) + b"\0") * 3
    assert ram(content + page + run + EOS, page_size=1 << 16) == (RamBlock("ram", 0x10000),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BLOCKS + u64(0x0C), "RAM flags 0xc"),
        (BLOCKS + u64(0x08) + b"\x03huh" + bytes(PAGE), "not announced"),
        (BLOCKS + u64(0x08) + b"\x06pc.ram" + bytes(PAGE - 1), "needs 4096 bytes, 4095"),
        (u64(0x1004) + block("rom", 0x2000), "8192 bytes, but only 4096"),
        (BLOCKS + u64(0x40) + b"\x06pc.ram\x02\0\0", "XBZRLE encoding"),
        (BLOCKS + u64(0x100) + b"\x06pc.ram\xff\xff\xff\xff", "larger than the page"),
        (BLOCKS, "a page's address"),
    ],
)
def test_damaged_records_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(StreamError, match=message):
        ram(content)


@pytest.mark.parametrize("page_size", [0, 512, 4095, 1 << 40])
def test_impossible_page_sizes_are_refused(page_size: int) -> None:
    with pytest.raises(StreamError, match="do not exist"):
        ram(EOS, page_size=page_size)
