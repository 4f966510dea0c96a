"""A whole stream as one value, folded from the reader's events."""

from __future__ import annotations

from qcompat.errors import StreamError
from qcompat.stream import events as e
from qcompat.stream.input.open import Input
from qcompat.stream.input.stream_bytes import StreamBytes
from qcompat.stream.model import RamBlock, Section, Stream
from qcompat.stream.reader.reader import Reader, reading

_LARGEST_STATE = 1 << 28  # of one device that is kept in memory
_LARGEST_STATES = 1 << 30  # of all together


def read(given: Input) -> Stream:
    """Read a whole stream, without guest memory.

    Raises StreamError, with offset and record, for what is not a stream, is cut short or damaged,
    or has a section of unknown length.
    """
    with reading(given, memory=False) as reader:
        return fold(reader)


def fold(reader: Reader) -> Stream:
    """All events of `reader` as one value. Raises StreamError."""
    version = size = 0
    sections: list[Section] = []
    blocks: list[RamBlock] = []
    for event in reader.events():
        match event:
            case e.Header():
                version = event.version
            case e.BlockAnnounced():
                blocks.append(event.block)
            case e.DeviceState():
                size += event.size
                if size > _LARGEST_STATES:
                    raise StreamError(f"device states of {size} bytes", offset=event.offset)
                sections.append(section_of(event, reader.data))
    return Stream(
        version=version,
        configuration=reader.configuration,
        sections=tuple(sections),
        ram=tuple(blocks),
        page_size=reader.description.page_size if reader.description else 0,
    )


def section_of(state: e.DeviceState, data: StreamBytes) -> Section:
    """A device section with its bytes. Raises StreamError for one that is too large to be kept."""
    begun = state.section
    if state.size > _LARGEST_STATE:
        raise StreamError(
            f"a device state of {state.size} bytes is too large for this reader",
            offset=state.offset,
            record=f"{begun.idstr}[{begun.instance_id}]",
        )
    payload = data[state.offset : state.offset + state.size]
    return Section(
        begun.idstr,
        begun.instance_id,
        begun.version_id,
        payload,
        state.offset,
        state.description,
    )
