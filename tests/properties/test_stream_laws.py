"""Laws of the stream reader: total on any bytes, and the inverse of the writer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import StreamError
from qcompat.stream.layout import leaves, value
from qcompat.stream.model import (
    Configuration,
    FieldDescription,
    RamBlock,
    Section,
    SectionDescription,
    Stream,
)
from qcompat.stream.pci_registers import register_of, registers
from qcompat.stream.reader.whole import read
from qcompat.stream.virtio.state import decode
from qcompat.stream.writer.writer import write
from tests.stream.pci_config import pci_config

DATA = Path(__file__).parents[1] / "data" / "streams"
NAMES = ("debian-10.0.13-microvm-mmio", "debian-11.1.3-pc-q35-10.0-express")

names = st.sampled_from(["a", "b[0]", "parent.dev", "cpu", "0000:00:02.0/e1000", "x-y_z", "d/sub"])
small = st.integers(0, 6)


@cache
def recording(name: str) -> bytes:
    raw = (DATA / f"{name}.mig.zst").read_bytes()
    return zstandard.ZstdDecompressor().decompress(raw, max_output_size=1 << 24)


def wire_size(description: SectionDescription) -> int:
    """The bytes that a description accounts for."""
    fields = sum(f.size * (1 if f.array_len is None else f.array_len) for f in description.fields)
    headers = sum(6 + len(each.vmsd_name) for each in description.subsections)
    return fields + headers + sum(wire_size(each) for each in description.subsections)


def wire_bytes(description: SectionDescription, fill: int) -> bytes:
    """A payload for a description: every value byte is `fill`."""
    found = b""
    for field in description.fields:
        nested = field.nested
        one = wire_bytes(nested, fill) if nested else bytes([fill]) * field.size
        found += one * (1 if field.array_len is None else field.array_len)
    for each in description.subsections:
        name = each.vmsd_name.encode()
        found += b"\x05" + bytes([len(name)]) + name + each.version.to_bytes(4, "big")
        found += wire_bytes(each, fill)
    return found


@st.composite
def plain_fields(draw: st.DrawFn) -> FieldDescription:
    kind = draw(st.sampled_from(["uint8", "uint32", "buffer", "timer", "bool", "unused_buffer"]))
    length = draw(st.none() | st.integers(2, 4))
    return FieldDescription(draw(names), kind, draw(st.integers(1, 6)), array_len=length)


@st.composite
def structures(draw: st.DrawFn) -> FieldDescription:
    inner = draw(descriptions(depth=1))
    length = None if inner.subsections else draw(st.none() | st.integers(2, 3))
    size = wire_size(inner)
    if not (inner.fields or inner.subsections):
        return FieldDescription(draw(names), "buffer", 1)
    return FieldDescription(draw(names), "struct", size, array_len=length, struct=inner)


@st.composite
def descriptions(draw: st.DrawFn, depth: int = 0) -> SectionDescription:
    field = plain_fields() | structures() if depth < 1 else plain_fields()
    fields = draw(st.lists(field, max_size=4, unique_by=lambda each: each.name))
    subsections: list[SectionDescription] = []
    if depth < 2:
        subsections = draw(st.lists(descriptions(depth=2), max_size=2))
    return SectionDescription(draw(names), draw(small), tuple(fields), tuple(subsections))


@st.composite
def sections(draw: st.DrawFn) -> Section:
    description = draw(descriptions())
    payload = wire_bytes(description, draw(st.integers(0, 255)))
    return Section(draw(names), draw(small), draw(small), payload, description=description)


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    capabilities = st.lists(st.sampled_from(["multifd-like", "other"]), unique=True)
    configuration = Configuration(
        draw(names),
        tuple(draw(capabilities)),
        draw(st.none() | st.just(12)),
        draw(st.none() | st.uuids().map(str)),
    )
    blocks = st.builds(RamBlock, names, st.integers(1, 8).map(lambda pages: pages * 4096))
    return Stream(
        3,
        draw(st.none() | st.just(configuration)),
        tuple(draw(st.lists(sections(), max_size=3))),
        tuple(draw(st.lists(blocks, max_size=3, unique_by=lambda each: each.name))),
        page_size=4096,
    )


def without_offsets(stream: Stream) -> Stream:
    moved = tuple(msgspec.structs.replace(each, offset=0) for each in stream.sections)
    return msgspec.structs.replace(stream, sections=moved)


def read_through(data: bytes) -> Stream | None:
    """Read everything there is to read; None where it ended in a StreamError within the data."""
    try:
        stream = read(data)
    except StreamError as error:
        assert 0 <= error.offset <= len(data)
        return None
    for section in stream.sections:
        look_into(section)
    return stream


def look_into(section: Section) -> None:
    try:
        fields = leaves(section)
        assert b"".join(each.data for each in fields) == section.payload
        for each in fields:
            value(each)
        if (found := pci_config(section, fields)) is not None:
            registers(found.data)
    except StreamError:
        pass


@given(streams())
@settings(max_examples=60)
def test_what_is_written_is_read(stream: Stream) -> None:
    assert without_offsets(read(write(stream))) == without_offsets(stream)


@given(streams())
@settings(max_examples=60)
def test_writing_what_was_read_gives_the_same_bytes(stream: Stream) -> None:
    data = write(stream)
    assert write(read(data)) == data


@given(sections())
@settings(max_examples=60)
def test_leaves_are_the_payload(section: Section) -> None:
    found = leaves(section)
    assert b"".join(each.data for each in found) == section.payload
    offset = 0
    for each in found:
        assert each.offset == offset
        assert len(each.data) == each.size * each.count
        offset += len(each.data)


@given(st.sampled_from(NAMES), st.data())
@settings(max_examples=200)
def test_a_stream_cut_short_ends_in_an_error_or_reads_right(name: str, draw: st.DataObject) -> None:
    data = recording(name)
    length = draw.draw(st.integers(0, len(data) - 1))
    found = read_through(data[:length])
    if found is not None:  # only the description is missing
        assert [each.payload for each in found.sections] == [
            each.payload for each in read(data).sections
        ]


@given(st.sampled_from(NAMES), st.data())
@settings(max_examples=150)
def test_a_damaged_stream_ends_in_an_error_or_a_reading(name: str, draw: st.DataObject) -> None:
    data = bytearray(recording(name))
    device_state = data.rfind(b"\x00\x06") - 100_000  # the zero pages before it are dull
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(max(device_state, 0), len(data) - 1))
        data[at] = draw.draw(st.integers(0, 255))
    read_through(bytes(data))


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_behind_a_header_end_in_an_error_or_a_reading(data: bytes) -> None:
    read_through(b"QEVM\x00\x00\x00\x03" + data)


@given(st.binary(max_size=600), st.sampled_from(["pci", "mmio"]))
@settings(max_examples=200)
def test_any_bytes_as_virtio_state_end_in_an_error_or_add_up(data: bytes, transport: str) -> None:
    try:
        state = decode(data, transport)
    except StreamError as error:
        assert 0 <= error.offset <= len(data)
        return
    at = state.device_state_offset
    assert data[at : at + len(state.device_state)] == state.device_state
    assert len(state.queues) <= 1024


@given(st.binary(max_size=4096), st.integers(0, 4095))
@settings(max_examples=200)
def test_any_bytes_as_configuration_space_have_a_register_everywhere(
    data: bytes, offset: int
) -> None:
    found = register_of(data, offset)
    assert found.offset <= offset < found.offset + found.size
