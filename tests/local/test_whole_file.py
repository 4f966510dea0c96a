from __future__ import annotations

import os
from pathlib import Path

import pytest

from qcompat.errors import StoreError
from qcompat.local.whole_file import write_whole


def test_content_is_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="No space left") as failure:
        write_whole(path, b"new")
    assert "free some space" in failure.value.hint
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_readers_are_let_in_as_the_umask_says(tmp_path: Path) -> None:
    """A portrait is carried to others; what is private lies in a private directory."""
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "file", b"one")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
