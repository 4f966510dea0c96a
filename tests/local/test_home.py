from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.errors import StoreError
from qcompat.local.home import cache_home, data_home, make_private


def test_own_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/xdg")
    monkeypatch.setenv("QCOMPAT_HOME", "/own")
    assert data_home() == Path("/own")


def test_xdg_comes_second_and_must_be_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QCOMPAT_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache_home() == Path("/xdg/qcompat")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_home() == Path("/home/me/.cache/qcompat")


def test_new_directories_are_private_and_old_ones_are_left(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir(mode=0o755)
    made = make_private(old / "a" / "b")
    assert made.stat().st_mode & 0o777 == 0o700
    assert made.parent.stat().st_mode & 0o777 == 0o700
    assert old.stat().st_mode & 0o777 == 0o755


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot make the directory") as failure:
        make_private(tmp_path / "file" / "below")
    assert "QCOMPAT_HOME" in failure.value.hint
