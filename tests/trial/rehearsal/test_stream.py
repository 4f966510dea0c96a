"""The stream of a rehearsal: what is kept, what is set, and that memory costs nothing."""

from __future__ import annotations

import msgspec
import pytest

from qcompat.portrait.portrait import MemoryBlock, Portrait
from qcompat.portrait.running.stream import stream_of_now
from qcompat.stream.model import RamBlock, Section, Stream
from qcompat.stream.reader.whole import read
from qcompat.stream.virtio.state import decode
from qcompat.stream.writer.writer import write
from qcompat.trial.rehearsal.stream import loadable, write_loadable

VIRTIO = "0000:00:01.0/virtio-blk"


@pytest.fixture
def twin(recorded: Portrait) -> Stream:
    assert recorded.stream is not None
    return recorded.stream


def _section(stream: Stream, idstr: str) -> Section:
    return next(section for section in stream.sections if section.idstr == idstr)


def _with_indexes(stream: Stream, index: int) -> Stream:
    """The stream as a guest would send it that has used its ring so often."""
    section = _section(stream, VIRTIO)
    state = decode(section.payload)
    payload = bytearray(section.payload)
    at = state.config_offset + len(state.config) + 4 + 12
    payload[at : at + 2] = index.to_bytes(2, "big")
    changed = msgspec.structs.replace(section, payload=bytes(payload))
    sections = tuple(changed if each is section else each for each in stream.sections)
    return msgspec.structs.replace(stream, sections=sections)


def _index(stream: Stream) -> int:
    return decode(_section(stream, VIRTIO).payload).queues[0].last_avail_idx


def test_indexes_of_rings_are_those_of_memory_that_is_zero(twin: Stream) -> None:
    used = _with_indexes(twin, 3009)
    assert _index(used) == 3009
    assert _index(loadable(used)) == 0
    changed = loadable(used)
    before, after = _section(used, VIRTIO).payload, _section(changed, VIRTIO).payload
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 2


def test_a_section_that_is_not_virtio_is_loaded_as_it_is(twin: Stream) -> None:
    kept = {section.idstr for section in loadable(twin).sections}
    assert {s.idstr for s in twin.sections} - kept <= {"kvm-tpr-opt"}
    for section in loadable(twin).sections:
        if section.idstr != VIRTIO:
            assert section.payload in [s.payload for s in twin.sections if s.idstr == section.idstr]


def test_what_is_written_reads_back_and_costs_no_memory(twin: Stream) -> None:
    large = (RamBlock("pc.ram", 4 << 40), *twin.ram[1:])
    small, huge = write_loadable(twin), write_loadable(msgspec.structs.replace(twin, ram=large))
    assert len(small) == len(huge)
    found = read(huge)
    assert found.ram[0] == RamBlock("pc.ram", 4 << 40)
    assert [s.payload for s in found.sections] == [s.payload for s in loadable(twin).sections]
    assert found.configuration == twin.configuration


def test_the_stream_of_now_has_the_lengths_and_the_fields_of_now(twin: Stream) -> None:
    bare = msgspec.structs.replace(twin, configuration=None, ram=(), page_size=0)
    state = write(msgspec.structs.replace(bare, sections=_with_indexes(twin, 7).sections))
    block = twin.ram[-1]
    memory = [MemoryBlock(block.name, 12345, 1 << 20, 4096), MemoryBlock("other", 1, 1, 4096)]
    now = stream_of_now(twin, state, memory)
    assert [b.length for b in now.ram] == [*(b.length for b in twin.ram[:-1]), 12345]
    assert _index(now) == 7
    assert [s.description for s in now.sections] == [s.description for s in twin.sections]


def test_a_virtio_section_is_described_however_long_it_became(twin: Stream) -> None:
    section = _section(twin, VIRTIO)
    longer = msgspec.structs.replace(section, payload=section.payload + bytes(4136))
    bare = msgspec.structs.replace(twin, configuration=None, ram=(), page_size=0)
    now = stream_of_now(twin, write(msgspec.structs.replace(bare, sections=(longer,))))
    described = now.sections[0].description
    assert described is not None
    assert described.fields[0].size == len(longer.payload)
