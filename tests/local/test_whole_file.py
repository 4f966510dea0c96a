from __future__ import annotations

import errno
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


@pytest.mark.parametrize("is_named", [False, True])
def test_a_process_that_is_killed_while_it_writes_leaves_nothing_or_the_whole(
    is_named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file system has no files without a name, the draft stays; it is no file of ours."""
    if is_named:
        _refuse_nameless(monkeypatch)
    path = tmp_path / "file"
    write_whole(path, b"old")

    def killed(_: int) -> None:
        os._exit(9)

    if (child := os.fork()) == 0:
        monkeypatch.setattr("os.fsync", killed)
        write_whole(path, b"new")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == (2 if is_named else 1)


def test_a_file_system_without_nameless_files_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refuse_nameless(monkeypatch)
    write_whole(tmp_path / "file", b"one")
    write_whole(tmp_path / "file", b"two")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"two"]


def _refuse_nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuses(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return real(path, flags, mode)

    monkeypatch.setattr("os.open", refuses)


def test_readers_are_let_in_as_the_umask_says(tmp_path: Path) -> None:
    """A portrait is carried to others; what is private lies in a private directory."""
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "file", b"one")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
