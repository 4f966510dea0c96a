"""What `read` makes of real streams, whole and damaged."""

from __future__ import annotations

import io
import os
import socket
import threading
import tracemalloc
from pathlib import Path

import pytest
from msgspec.structs import replace

from qcompat.errors import StreamError
from qcompat.stream.events import LiveState
from qcompat.stream.model import Configuration, RamBlock
from qcompat.stream.reader.reader import reading
from qcompat.stream.reader.whole import read
from qcompat.stream.writer.writer import write
from tests.stream.conftest import BUILDS, RECORDINGS, recording

VIRTIO = "debian-10.0.13-pc-q35-5.2-virtio"


FOOTLESS = {name for name in RECORDINGS if "unconfigured" in name or "ancient" in name}
DESCRIBED = tuple(
    name
    for name in RECORDINGS
    if not any(part in name for part in ("postcopy", "no-vmdesc", "2.0-ancient"))
)
HALF_DESCRIBED = {"debian-5.2.0-s390-ccw-virtio-5.2-ccw", "debian-7.2.22-s390-ccw-virtio-7.2-ccw"}
"""QEMU before 10.0 did not describe an array of pointers of which some are null."""


@pytest.mark.parametrize("name", sorted({*DESCRIBED} - HALF_DESCRIBED))
def test_every_section_of_every_build_is_described(name: str) -> None:
    stream = read(recording(name))
    assert stream.complete
    assert len(stream.sections) >= 14
    assert [s.idstr for s in stream.sections if s.description is None] == []
    for section in stream.sections:
        end = section.offset + len(section.payload)
        assert recording(name)[section.offset : end] == section.payload
        after = b"\x04" if name in FOOTLESS else b"\x7e"
        assert recording(name)[end : end + 1] == after or section is stream.sections[-1]


@pytest.mark.parametrize("name", sorted(HALF_DESCRIBED))
def test_a_section_that_qemu_describes_wrongly_ends_at_its_footer(name: str) -> None:
    stream = read(recording(name))
    assert [s.idstr for s in stream.sections if s.description is None] == ["s390_css"]
    assert stream.complete


@pytest.mark.parametrize("name", sorted({*RECORDINGS} - {*DESCRIBED}))
def test_a_stream_without_description_is_read_by_footers_or_headers(name: str) -> None:
    stream = read(recording(name))
    assert {section.description for section in stream.sections} == {None}
    assert {"timer", "cpu", "cpu_common"} <= {section.idstr for section in stream.sections}


@pytest.mark.parametrize("build", BUILDS)
def test_machine_type_and_memory_are_read(build: str) -> None:
    stream = read(recording(f"debian-{build}-pc-i440fx-5.2-legacy"))
    assert stream.configuration is not None
    assert stream.configuration.machine == "pc-i440fx-5.2"
    assert stream.page_size == 4096
    lengths = {block.name: block.length for block in stream.ram}
    assert lengths["pc.ram"] == 16 << 20
    assert lengths["0000:00:02.0/vga.vram"] == 16 << 20


def test_shared_memory_and_uuid_are_read() -> None:
    stream = read(recording("debian-11.1.3-pc-q35-5.2-shared"))
    assert stream.configuration == Configuration(
        "pc-q35-5.2",
        capabilities=("x-ignore-shared",),
        uuid="5a1b6a9c-0000-4000-8000-0123456789ab",
    )
    assert [block.name for block in stream.ram[:3]] == ["m", "/rom@etc/acpi/tables", "pc.bios"]


def test_a_section_of_another_save_handler_is_read_up_to_its_footer() -> None:
    stream = read(recording("debian-7.2.22-pc-q35-7.2-booted"))
    head, rest = stream_start(write(stream))
    extra = b"\x01\0\0\0\x63\x07handler\0\0\0\0\0\0\0\x01anything\x7e\0\0\0\x63"
    with reading(head + extra + rest) as reader:
        states = [event for event in reader.events() if isinstance(event, LiveState)]
    assert [(state.size, state.what) for state in states] == [(8, "not known here")]


def stream_start(data: bytes) -> tuple[bytes, bytes]:
    """What is before the first section, and the rest."""
    at = data.index(b"\x03ram") - 5
    return data[:at], data[at:]


def test_sections_keep_their_order_names_and_versions() -> None:
    sections = read(recording(VIRTIO)).sections
    names = [s.idstr for s in sections]
    assert names[:3] == ["0000:00:09.0/pcie-root-port", "timer", "cpu_common"]  # bridges first
    found = {(s.idstr, s.instance_id): s.version_id for s in sections}
    assert found["cpu", 0] == 12
    assert found["0000:00:01.0/virtio-blk", 0] == 2
    assert found["0000:00:03.0/virtio-net", 0] == 11


def test_a_path_and_an_open_file_read_like_bytes(tmp_path: Path) -> None:
    expected = read(recording(VIRTIO))
    path = tmp_path / "guest.mig"
    path.write_bytes(recording(VIRTIO))
    assert read(path) == expected
    with path.open("rb") as file:
        assert read(file) == expected
    assert read(io.BytesIO(recording(VIRTIO))) == expected


def test_a_pipe_and_a_socket_read_like_bytes() -> None:
    data = recording("debian-10.0.13-pc-q35-10.0-pages")
    expected = read(data)
    with os.fdopen(_fed(data, *os.pipe()), "rb") as pipe:
        assert read(pipe) == expected
    ours, theirs = socket.socketpair()
    _fed(data, -1, theirs.detach())
    with ours, ours.makefile("rb") as file:
        assert read(file) == expected


def _fed(data: bytes, source: int, sink: int) -> int:
    """Write `data` into `sink` from a thread; returns `source`."""

    def feed() -> None:
        with os.fdopen(sink, "wb") as file:
            file.write(data)

    threading.Thread(target=feed, daemon=True).start()
    return source


def test_memory_of_a_pipe_does_not_grow_with_the_guest() -> None:
    small = read(recording("debian-10.0.13-microvm-mmio"))
    data = write(replace(small, ram=(RamBlock("pc.ram", 4 << 30),)))
    with os.fdopen(_fed(data, *os.pipe()), "rb") as pipe:
        tracemalloc.start()
        try:
            assert read(pipe).ram == (RamBlock("pc.ram", 4 << 30),)
            assert tracemalloc.get_traced_memory()[1] < 40 << 20
        finally:
            tracemalloc.stop()


def test_memory_does_not_grow_with_the_guest(tmp_path: Path) -> None:
    small = read(recording("debian-10.0.13-microvm-mmio"))
    path = tmp_path / "large.mig"
    path.write_bytes(write(replace(small, ram=(RamBlock("pc.ram", 1 << 30),))))
    tracemalloc.start()
    try:
        assert read(path).ram == (RamBlock("pc.ram", 1 << 30),)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_a_file_that_is_no_stream_is_refused() -> None:
    with pytest.raises(StreamError, match="not a migration stream") as caught:
        read(b"\x7fELF\x02\x01\x01\x00")
    assert caught.value.offset == 0
    assert "QEMU migrated a guest into" in caught.value.hint


def test_a_channel_of_multifd_is_told_as_such() -> None:
    with pytest.raises(StreamError, match="a channel of multifd"):
        read(b"\x11\x22\x33\x44\0\0\0\x01" + bytes(56))


def test_a_missing_file_is_a_stream_error(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=r"cannot read .*absent\.mig"):
        read(tmp_path / "absent.mig")


def test_an_empty_file_is_a_stream_error(tmp_path: Path) -> None:
    (tmp_path / "empty.mig").touch()
    with pytest.raises(StreamError):
        read(tmp_path / "empty.mig")


def test_an_error_names_offset_and_record() -> None:
    data = recording(VIRTIO)
    section = next(s for s in read(data).sections if s.idstr == "cpu")
    with pytest.raises(StreamError) as caught:
        read(data[: section.offset + 100])
    assert caught.value.record == "cpu[0]"
    assert caught.value.offset == section.offset


def test_a_section_without_description_ends_at_its_footer() -> None:
    data = recording(VIRTIO)
    described = read(data)
    end = data.rfind(b"\x00\x06")
    bare = read(data[: end + 1])
    assert [s.payload for s in bare.sections] == [s.payload for s in described.sections]
    assert {s.description for s in bare.sections} == {None}


def test_a_description_of_another_length_is_not_used() -> None:
    data = recording(VIRTIO)
    wrong = data.replace(
        b'"cpu_ticks_offset", "type": "int64", "size": 8',
        b'"cpu_ticks_offset", "type": "int64", "size": 9',
    )
    sections = read(wrong).sections
    assert [s.idstr for s in sections if s.description is None] == ["timer"]
    assert [s.payload for s in sections] == [s.payload for s in read(data).sections]
