"""Save images of libvirt, as it writes them and with one defect each."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import FileFormatError, QcompatError, StreamError, UsageError
from qcompat.stream.container import Wrapping, unwrapped, unwrapped_file
from tests.stream.container.conftest import COMPRESSORS, STREAM, compressed

from .libvirt_image import XML, save_image

UINT = st.integers(0, 0xFFFFFFFF)


def unwrapping(data: bytes) -> tuple[Wrapping, bytes]:
    with unwrapped_file(io.BytesIO(data), name="x.save") as (wrapping, file):
        return wrapping, file.read()


@pytest.mark.parametrize("order", ["<", ">"])
def test_uncompressed_image_is_handed_out_behind_its_header(order: str, tmp_path: Path) -> None:
    path = tmp_path / "x.save"
    path.write_bytes(save_image(STREAM, order=order))
    with unwrapped(path) as (wrapping, file):
        assert (wrapping.kind, wrapping.compression) == ("libvirt", "")
        assert wrapping.domain_xml == XML
        assert (file.seekable(), file.tell()) == (True, path.stat().st_size - len(STREAM))
        assert file.read() == STREAM


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", COMPRESSORS)
def test_compressed_image_is_decompressed(name: str, order: str, tmp_path: Path) -> None:
    path = tmp_path / "x.save"
    path.write_bytes(save_image(compressed(name, STREAM), compression=name, order=order))
    with unwrapped(path) as (wrapping, file):
        assert (wrapping.kind, wrapping.compression) == ("libvirt", name)
        assert file.read() == STREAM


def test_cookie_is_no_part_of_the_xml() -> None:
    wrapping, stream = unwrapping(save_image(STREAM, cookie=b"<cookie/>\0", was_running=0))
    assert (wrapping.domain_xml, stream) == (XML, STREAM)
    assert wrapping.details == (
        ("libvirt header", "version 2, paused"),
        ("libvirt cookie", "9 bytes"),
    )


def test_image_without_padding_is_read() -> None:
    assert unwrapping(save_image(STREAM, padding=0)) == (
        Wrapping("libvirt", "", XML, (("libvirt header", "version 2, running"),)),
        STREAM,
    )


def test_first_version_knows_no_compression() -> None:
    wrapping, stream = unwrapping(save_image(STREAM, version=1, compression="gzip", order=">"))
    assert (wrapping.compression, stream) == ("", STREAM)
    assert wrapping.details == (("libvirt header", "version 1, running, big-endian"),)


def test_sparse_image_keeps_its_offsets(tmp_path: Path) -> None:
    path = tmp_path / "x.save"
    path.write_bytes(save_image(STREAM, compression="sparse"))
    with unwrapped(path) as (wrapping, file):
        assert wrapping.compression == ""
        assert ("libvirt format", "sparse (mapped-ram)") in wrapping.details
        assert file.tell() == path.stat().st_size - len(STREAM)


def test_sparse_image_in_a_pipe_is_refused() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    image = Pipe(save_image(STREAM, compression="sparse"))
    with pytest.raises(UsageError, match="is a pipe"), unwrapped_file(image):
        pass


def test_incomplete_image_is_told() -> None:
    with pytest.raises(FileFormatError, match="is an incomplete save image") as caught:
        unwrapping(save_image(STREAM, magic=b"LibvirtQemudPart"))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (save_image(b"", version=3), "its version is 3"),
        (save_image(b"", version=3, order=">"), "its version is"),
        (save_image(b"", compression=7), "its format is 7"),
        (save_image(b"", data_len=0), "takes 0 bytes"),
        (save_image(b"", data_len=0xFFFFFFFF), "takes 4294967295 bytes"),
        (save_image(b"", cookie_offset=0xFFFFFFFF), "its cookie is at 4294967295"),
        (save_image(b"", data_len=1 << 20), "ends within libvirt's domain XML"),
        (save_image(b"")[:50], "ends within libvirt's header"),
        (save_image(b"", xml=b"<a/>", padding=0), "not ended by a NUL"),
        (save_image(b"", xml=b"<a>\xff</a>\0"), r"not UTF-8: .*at byte 95"),
    ],
)
def test_damaged_header_is_told_with_its_place(data: bytes, words: str) -> None:
    with pytest.raises(StreamError, match=words) as caught:
        unwrapping(data)
    assert caught.value.record.startswith("libvirt")
    assert caught.value.hint


@given(numbers=st.lists(UINT, min_size=5, max_size=5), rest=st.binary(max_size=300))
def test_any_header_is_read_or_told(numbers: list[int], rest: bytes) -> None:
    head = b"LibvirtQemudSave" + b"".join(number.to_bytes(4, "little") for number in numbers)
    with contextlib.suppress(QcompatError):
        unwrapping(head + rest)
