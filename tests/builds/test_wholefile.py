from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.builds.wholefile import write_whole
from qcompat.errors import StoreError


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
