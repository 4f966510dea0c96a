"""Files that hold nothing but a stream, or nothing that is known."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qcompat.errors import FileFormatError, UsageError
from qcompat.stream.container import Wrapping, unwrapped, unwrapped_file
from tests.stream.container.conftest import COMPRESSORS, STREAM, compressed

from .libvirt_image import XML, save_image


@contextmanager
def fed(path: Path, data: bytes) -> Iterator[Path]:
    """A named pipe that a slow writer fills: one byte, then the rest."""
    os.mkfifo(path)
    writer = threading.Thread(target=_write, args=(path, data))
    writer.start()
    try:
        yield path
    finally:
        writer.join()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(data[:1])
        time.sleep(0.05)
        view = memoryview(data)[1:]
        while view:
            view = view[file.write(view) :]


def test_bare_stream_is_handed_out_as_the_file_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.mig"
    path.write_bytes(STREAM)
    with unwrapped(path) as (wrapping, file):
        assert wrapping == Wrapping("none", "", "", ())
        assert (file.seekable(), file.tell(), file.name) == (True, 0, str(path))
        assert file.read() == STREAM
    assert file.closed


@pytest.mark.parametrize("data", [b"", b"Q", b"not a stream", b"\x1f"])
def test_what_is_not_known_is_left_to_the_reader(data: bytes) -> None:
    with unwrapped_file(io.BytesIO(data)) as (wrapping, file):
        assert (wrapping.kind, file.read()) == ("none", data)


def test_open_file_begins_at_its_position(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"before" + STREAM)
    with path.open("rb") as given:
        given.seek(6)
        with unwrapped_file(given) as (_, file):
            assert file.tell() == 6
            assert file.read() == STREAM
        assert not given.closed


def test_pipe_loses_no_bytes(tmp_path: Path) -> None:
    with fed(tmp_path / "pipe", STREAM) as path, unwrapped(path) as (wrapping, file):
        assert (wrapping.kind, file.seekable()) == ("none", False)
        assert file.read() == STREAM


def test_unbuffered_pipe_loses_no_bytes() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb", buffering=0) as given, os.fdopen(theirs, "wb") as writer:
        writer.write(STREAM[:5000])
        writer.close()
        with unwrapped_file(given) as (_, file):
            assert file.read(3) + file.read() == STREAM[:5000]


@pytest.mark.parametrize("name", COMPRESSORS)
def test_pipe_of_compressed_stream_loses_no_bytes(name: str, tmp_path: Path) -> None:
    data = compressed(name, STREAM)
    with fed(tmp_path / "pipe", data) as path, unwrapped(path) as (wrapping, file):
        assert wrapping.compression == name
        assert file.read() == STREAM


@pytest.mark.parametrize("name", ["raw", "zstd"])
def test_pipe_of_save_image_loses_no_bytes(name: str, tmp_path: Path) -> None:
    data = save_image(STREAM if name == "raw" else compressed(name, STREAM), compression=name)
    with fed(tmp_path / "pipe", data) as path, unwrapped(path) as (wrapping, file):
        assert (wrapping.kind, wrapping.domain_xml) == ("libvirt", XML)
        assert file.read() == STREAM


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_cannot_be_opened_is_told(name: str, tmp_path: Path) -> None:
    with (
        pytest.raises(FileFormatError, match=r"cannot read|but a directory"),
        unwrapped(tmp_path / name),
    ):
        pass


def test_snapshot_is_refused_outside_qcow2(tmp_path: Path) -> None:
    path = tmp_path / "x.mig"
    path.write_bytes(STREAM)
    with pytest.raises(UsageError, match="not a qcow2 image"), unwrapped(path, snapshot="one"):
        pass
