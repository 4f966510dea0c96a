"""The archive that Linux unpacks: newc, aligned, and equal for equal contents."""

from __future__ import annotations

from qcompat.linux.initramfs import directory, file, write_cpio

MEMBERS = (directory("bin"), file("bin/one", b"1"), file("init", b"#!/bin/sh\n" * 7))


def read(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """What a reader of newc finds, by path."""
    found, at = {}, 0
    while archive[at : at + 6] == b"070701":
        numbers = [int(archive[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        name_at, size = at + 110, numbers[6]
        name = archive[name_at : name_at + numbers[11] - 1].decode()
        data_at = (name_at + numbers[11] + 3) // 4 * 4
        found[name] = (numbers[1], archive[data_at : data_at + size])
        at = (data_at + size + 3) // 4 * 4
    assert at == len(archive)
    return found


def test_a_reader_finds_what_was_written() -> None:
    found = read(write_cpio(MEMBERS))

    assert list(found) == ["bin", "bin/one", "init", "TRAILER!!!"]
    assert found["bin"] == (0o040755, b"")
    assert found["bin/one"] == (0o100755, b"1")
    assert found["init"][1] == b"#!/bin/sh\n" * 7


def test_equal_contents_give_equal_bytes() -> None:
    assert write_cpio(MEMBERS) == write_cpio(MEMBERS)
