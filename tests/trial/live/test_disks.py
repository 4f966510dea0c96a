"""What is on the disks: a pattern of each disk's own, and nothing behind it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qcompat.trial.live.disks import PATTERN_SIZE, MemoryFile, pattern


@given(st.integers(min_value=0, max_value=3 * PATTERN_SIZE))
def test_a_pattern_is_as_long_as_its_disk_up_to_what_is_read(size: int) -> None:
    assert len(pattern("d", size)) == min(size, PATTERN_SIZE)


def test_no_two_blocks_of_any_disk_are_alike() -> None:
    blocks = [
        pattern(name, 1 << 16)[at : at + 512] for name in "ab" for at in range(0, 1 << 16, 512)
    ]

    assert len(set(blocks)) == len(blocks)


def test_a_large_disk_takes_no_more_memory_than_its_pattern() -> None:
    import os

    disk = MemoryFile(1 << 42, [(0, pattern("d", 1 << 42))])
    try:
        status = os.fstat(disk.readable)
        assert status.st_size == 1 << 42
        assert status.st_blocks * 512 <= 2 * PATTERN_SIZE
    finally:
        disk.close()
