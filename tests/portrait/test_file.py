from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import FileFormatError, StoreError
from qcompat.guest.single import single_device
from qcompat.portrait.bundled import find_bundled
from qcompat.portrait.file import FORMAT, MAGIC, pack, read_portrait, unpack, write_portrait
from qcompat.portrait.portrait import Portrait


def _bundled() -> Portrait:
    guest = single_device("pc-q35-7.2", "virtio-blk-pci")
    for accel in ("kvm", "tcg"):
        if portrait := find_bundled("debian-7.2.22", guest, "reset", accel):
            return portrait
    raise AssertionError("the bundled portraits lack the standard virtio-blk-pci guest")


PORTRAIT = _bundled()
DATA = pack(PORTRAIT)


def test_a_portrait_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "one.qcp"
    write_portrait(PORTRAIT, path)
    assert read_portrait(path) == PORTRAIT
    assert list(tmp_path.iterdir()) == [path]


def test_equal_portraits_give_equal_bytes() -> None:
    assert pack(unpack(DATA)) == DATA


@given(st.integers(0, len(DATA) - 1))
@settings(max_examples=200)
def test_no_truncation_is_taken_for_a_portrait(length: int) -> None:
    with pytest.raises(FileFormatError):
        unpack(DATA[:length])


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
@settings(max_examples=200)
def test_no_damaged_byte_goes_unnoticed(place: int, flip: int) -> None:
    damaged = bytearray(DATA)
    damaged[place] ^= flip
    with pytest.raises(FileFormatError):
        unpack(bytes(damaged))


@given(st.binary(max_size=4096))
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FileFormatError):
        unpack(data)


def test_a_newer_format_is_named() -> None:
    newer = MAGIC + (FORMAT + 1).to_bytes(2, "big") + DATA[10:]
    with pytest.raises(FileFormatError, match=f"format {FORMAT + 1}"):
        unpack(newer)


def test_a_missing_file_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="No such file"):
        read_portrait(tmp_path / "absent.qcp")


@pytest.mark.parametrize("length", [8, 9, 41])
def test_a_header_cut_short_is_not_taken_for_another_format(length: int) -> None:
    with pytest.raises(FileFormatError, match="cut short"):
        unpack(DATA[:length])


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.qcp")
    with pytest.raises(FileFormatError, match="not a regular file"):
        read_portrait(tmp_path / "pipe.qcp")


def test_an_endless_device_is_refused() -> None:
    with pytest.raises(FileFormatError, match="not a regular file"):
        read_portrait(Path("/dev/zero"))


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        write_portrait(PORTRAIT, tmp_path / "one.qcp")
    assert list(tmp_path.iterdir()) == []
