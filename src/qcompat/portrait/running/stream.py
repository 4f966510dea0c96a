"""The stream that a running guest would send now, without its memory.

Its device state is the guest's own (`device_state`). What comes before it in a stream is the
twin's: header, configuration and the list of memory blocks, whose lengths are those of now.

    twin's stream    header, configuration, blocks │ sections, with the description of their fields
    of the guest              lengths of blocks    │ sections
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from qcompat.errors import StreamError
from qcompat.portrait.portrait import MemoryBlock
from qcompat.stream.layout import leaves
from qcompat.stream.model import Section, SectionDescription, Stream
from qcompat.stream.reader.whole import read

_Name = tuple[str, int, int]


def stream_of_now(twin: Stream, state: bytes, memory: Sequence[MemoryBlock] = ()) -> Stream:
    """The twin's stream with the sections in `state`, and the lengths of the blocks in `memory`.

    A section has the twin's description where that fits to the last byte. Raises StreamError
    where the state cannot be read.
    """
    used = {block.name: block.used for block in memory}
    known = {_name(s): s.description for s in twin.sections if s.description}
    return msgspec.structs.replace(
        twin,
        sections=tuple(_described(section, known) for section in read(state).sections),
        ram=tuple(
            msgspec.structs.replace(block, length=used.get(block.name, block.length))
            for block in twin.ram
        ),
    )


def _name(section: Section) -> _Name:
    return section.idstr, section.instance_id, section.version_id


def _described(section: Section, known: Mapping[_Name, SectionDescription]) -> Section:
    described = msgspec.structs.replace(section, description=known.get(_name(section)))
    try:
        leaves(described)
    except StreamError:
        return section
    return described
