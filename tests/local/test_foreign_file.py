"""What a user's path may name beside a file, and that nothing waits for it or reads without end."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import open_foreign, read_foreign


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"12345")
    assert read_foreign(place, 5) == b"12345"
    with pytest.raises(FileFormatError, match="more than 4 bytes") as caught:
        read_foreign(place, 4, "give a smaller one")
    assert caught.value.hint == "give a smaller one"


def test_nothing_is_read_of_a_file_that_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qcompat.local.foreign_file._PIECE", None)  # no piece could be read
    place = tmp_path / "file"
    place.touch()
    os.truncate(place, 8 << 40)
    with pytest.raises(FileFormatError, match="has more than 1073741824 bytes"):
        read_foreign(place, 1 << 30)


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    place = tmp_path / "pipe"
    os.mkfifo(place)
    with pytest.raises(FileFormatError, match="but a pipe") as caught:
        read_foreign(place, 10)
    assert "/dev/stdin" in caught.value.hint


def test_a_stream_may_come_through_a_pipe_that_somebody_writes_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qcompat.local.foreign_file._PATIENCE", 0.1)
    place = tmp_path / "pipe"
    os.mkfifo(place)
    with pytest.raises(FileFormatError, match="nothing came through the pipe"):
        open_foreign(place, is_stream=True)
    writing = os.open(place, os.O_RDWR)
    os.write(writing, b"QEVM")
    with open_foreign(place, is_stream=True) as file:
        os.close(writing)
        assert file.read() == b"QEVM"


def test_a_pipe_that_was_handed_over_is_read() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"words")
    os.close(theirs)
    try:
        assert read_foreign(Path(f"/dev/fd/{ours}"), 10) == b"words"
    finally:
        os.close(ours)


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/urandom", "/dev/tty", "/dev/null"])
def test_a_device_is_not_read(name: str) -> None:
    with pytest.raises(FileFormatError, match=f"{name} is not a regular file but a device"):
        read_foreign(Path(name), 10)


def test_a_directory_and_a_socket_are_named_as_that(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="but a directory"):
        open_foreign(tmp_path)
    place = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        with pytest.raises(FileFormatError, match="but a socket"):
            open_foreign(place)


@pytest.mark.parametrize("name", ["missing", "with\0zero", "x" * 300])
def test_a_path_that_cannot_be_opened_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileFormatError, match="cannot read"):
        read_foreign(tmp_path / name, 10)
