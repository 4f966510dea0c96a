"""Compressed streams: whole, damaged, and left before their end."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from qcompat.errors import EnvironmentError_, FileFormatError, StreamError, UsageError
from qcompat.stream.container import Wrapping, tool, unwrapped, unwrapped_file
from tests.stream.container.conftest import COMPRESSORS, LONG, STREAM, compressed


@pytest.mark.parametrize("name", COMPRESSORS)
def test_stream_comes_out_as_it_went_in(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(compressed(name, STREAM))
    with unwrapped(path) as (wrapping, file):
        assert wrapping == Wrapping(name, name)
        assert not file.seekable()
        assert file.read() == STREAM


@pytest.mark.parametrize("name", COMPRESSORS)
def test_file_in_memory_is_decompressed(name: str) -> None:
    with unwrapped_file(io.BytesIO(compressed(name, STREAM))) as (_, file):
        assert file.read() == STREAM


def test_open_file_is_decompressed_from_its_position(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"before" + compressed("gzip", STREAM))
    with path.open("rb") as given:
        assert given.read(6) == b"before"
        with unwrapped_file(given) as (_, file):
            assert file.read() == STREAM


def test_skippable_frame_may_come_first() -> None:
    frame = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    with unwrapped_file(io.BytesIO(frame + compressed("zstd", STREAM))) as (wrapping, file):
        assert (wrapping.kind, file.read()) == ("zstd", STREAM)


@pytest.mark.parametrize("name", COMPRESSORS)
def test_truncated_file_fails_in_the_tools_words(name: str) -> None:
    data = compressed(name, STREAM)
    cut = io.BytesIO(data[: len(data) // 2])
    with pytest.raises(FileFormatError, match=f"{name} said") as caught:  # noqa: SIM117
        with unwrapped_file(cut, name="guest.mig") as (_, file):
            file.read()
    assert caught.value.message.startswith("guest.mig cannot be decompressed")
    assert caught.value.hint


def test_readers_error_gives_way_and_keeps_its_offset() -> None:
    cut = io.BytesIO(compressed("gzip", STREAM)[:-100])
    seen = StreamError("the stream ends", offset=77, record="ram[0]")
    with pytest.raises(StreamError, match="unexpected end of file") as caught:  # noqa: SIM117
        with unwrapped_file(cut) as (_, file):
            file.read()
            raise seen
    assert (caught.value.offset, caught.value.record) == (77, "ram[0]")
    assert caught.value.__cause__ is seen


@pytest.mark.parametrize("seen", [StreamError("odd", offset=1), UsageError("x"), KeyError("x")])
def test_readers_error_stays_if_the_tool_is_content(seen: Exception) -> None:
    with pytest.raises(type(seen)) as caught:  # noqa: SIM117
        with unwrapped_file(io.BytesIO(compressed("gzip", LONG))) as (_, file):
            file.read(10)
            raise seen
    assert caught.value is seen


def test_other_errors_of_the_reader_are_the_better_ones() -> None:
    with pytest.raises(KeyError):  # noqa: SIM117
        with unwrapped_file(io.BytesIO(compressed("gzip", STREAM)[:-100])) as (_, file):
            file.read()
            raise KeyError("x")


@pytest.mark.parametrize("name", COMPRESSORS)
def test_reader_may_stop_early(name: str) -> None:
    with unwrapped_file(io.BytesIO(compressed(name, LONG))) as (_, file):
        assert file.read(4) == b"QEVM"


def test_what_follows_a_gzip_file_is_ignored() -> None:
    with unwrapped_file(io.BytesIO(compressed("gzip", STREAM) + b"\0more")) as (_, file):
        assert file.read() == STREAM


def test_users_options_of_a_tool_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    data = compressed("xz", STREAM)
    monkeypatch.setenv("XZ_OPT", "--memlimit-decompress=1")
    with unwrapped_file(io.BytesIO(data)) as (_, file):
        assert file.read() == STREAM


@pytest.mark.parametrize(("name", "package"), [("lzop", "lzop"), ("xz", "xz-utils")])
def test_missing_tool_is_named_with_its_package(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = io.BytesIO(compressed(name, STREAM))
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda word: None if word == name else which(word))
    with pytest.raises(UsageError, match=f"{name} is not on") as caught, unwrapped_file(data):
        pass
    assert caught.value.hint.endswith(f"apt install {package}")


def test_killed_tool_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO(compressed("gzip", LONG))
    started = tool.start

    def killed(*words: object, **how: object) -> object:
        process = started(*words, **how)  # type: ignore[arg-type]
        process.kill()
        return process

    monkeypatch.setattr(tool, "start", killed)
    with pytest.raises(EnvironmentError_, match="killed by SIGKILL"):  # noqa: SIM117
        with unwrapped_file(data) as (_, file):
            file.read()
