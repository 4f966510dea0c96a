"""What the writer writes, the reader reads."""

from __future__ import annotations

import msgspec
import pytest

from qcompat.errors import UndescribedError
from qcompat.stream.model import Configuration, RamBlock, Section, Stream
from qcompat.stream.reader.reader import reading
from qcompat.stream.reader.whole import read
from qcompat.stream.writer.rewriting import rewritten
from qcompat.stream.writer.writer import pieces, write
from tests.stream.conftest import RECORDINGS, recording


def without_offsets(stream: Stream) -> Stream:
    """`stream` as if each section began at the first byte."""
    sections = tuple(msgspec.structs.replace(each, offset=0) for each in stream.sections)
    return msgspec.structs.replace(stream, sections=sections)


def broken(stream: Stream, name: str, data: bytes) -> bytes:
    """The stream with the record `name` replaced by `data`."""
    named = pieces(stream)
    assert name in dict(named)
    return b"".join(data if piece == name else whole for piece, whole in named)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_stream_is_written_again_byte_by_byte(name: str) -> None:
    data = recording(name)
    with reading(data) as reader:
        assert b"".join(rewritten(reader)) == data


@pytest.mark.parametrize("name", [name for name in RECORDINGS if "mapped" not in name])
def test_a_recorded_stream_reads_the_same_after_writing(name: str) -> None:
    stream = read(recording(name))
    assert without_offsets(read(write(stream))) == without_offsets(stream)


def test_every_part_of_the_configuration_survives() -> None:
    configuration = Configuration(
        "virt-9.0", ("x-ignore-shared-not", "mapped"), 16, "5a1b6a9c-0000-4000-8000-0123456789ab"
    )
    stream = Stream(3, configuration, (Section("dev", 0, 1, b"abc"),), ())
    assert read(write(stream)).configuration == configuration


def test_a_stream_without_footers_is_read_by_its_description() -> None:
    stream = read(recording("debian-5.2.0-pc-i440fx-5.2-legacy"))
    bare = b"".join(data for _, data in pieces(stream, has_footers=False))
    assert without_offsets(read(bare)) == without_offsets(stream)


def test_without_footers_and_description_the_last_section_ends_at_the_end_mark() -> None:
    stream = read(recording("debian-5.2.0-pc-i440fx-5.2-legacy"))
    named = pieces(stream, has_footers=False)
    bare = b"".join(data for name, data in named if name != "description")
    assert [s.payload for s in read(bare).sections] == [s.payload for s in stream.sections]
    with pytest.raises(UndescribedError, match="length of this section is unknown") as caught:
        read(bare[:-1] + b"\x01")
    assert "suppress-vmdesc" in caught.value.hint


def test_other_page_sizes_are_taken_from_the_configuration() -> None:
    stream = Stream(
        3,
        Configuration("virt-9.0", page_bits=16),
        (Section("dev", 0, 1, b"abc"),),
        (RamBlock("mach-virt.ram", 1 << 20),),
    )
    assert without_offsets(read(write(stream))) == stream
