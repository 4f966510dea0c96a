"""The stream that a running guest would send now, without its memory.

Its device state is the guest's own (`device_state`). What comes before it in a stream is the
twin's: header, configuration and the list of memory blocks, whose lengths are those of now.

    twin's stream    header, configuration, blocks │ sections, with the description of their fields
    of the guest              lengths of blocks    │ sections
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import msgspec

from qcompat.builds.facts import BuildFacts
from qcompat.errors import StreamError
from qcompat.portrait.portrait import MemoryBlock
from qcompat.portrait.running.by_build import States, subsections_in
from qcompat.portrait.running.sent_now import describe_now
from qcompat.stream.layout import leaves
from qcompat.stream.model import Section, SectionDescription, Stream
from qcompat.stream.reader.whole import read

_Name = tuple[str, int, int]
_BLOBS = ("virtio",)
"""Types of fields that are as long as what the guest did (virtio_save, hw/virtio/virtio.c)."""


def stream_of_now(
    twin: Stream,
    state: bytes,
    memory: Sequence[MemoryBlock] = (),
    facts: BuildFacts | None = None,
) -> Stream:
    """The twin's stream with the sections in `state`, and the lengths of the blocks in `memory`.

    `facts` are those of the build: what it says of states that its twin did not send.

    A section has the twin's description, with the subsections that are sent now, where that fits
    to the last byte; one that is a single blob, as virtio's, is as long as it is. Raises
    StreamError where the state cannot be read.
    """
    used = {block.name: block.used for block in memory}
    known = {_name(s): s.description for s in twin.sections if s.description}
    own = subsections_in(facts.states.values()) if facts else {}
    return msgspec.structs.replace(
        twin,
        sections=tuple(_described(section, known, own) for section in read(state).sections),
        ram=tuple(
            msgspec.structs.replace(block, length=used.get(block.name, block.length))
            for block in twin.ram
        ),
    )


def stream_of_saved(twin: Stream, saved: Stream, facts: BuildFacts | None = None) -> Stream:
    """The stream of a file, whose sections have the twin's description where they have none."""
    known = {_name(s): s.description for s in twin.sections if s.description}
    own = subsections_in(facts.states.values()) if facts else {}
    return msgspec.structs.replace(
        saved,
        sections=tuple(
            section if section.description else _described(section, known, own)
            for section in saved.sections
        ),
    )


def _name(section: Section) -> _Name:
    return section.idstr, section.instance_id, section.version_id


def _described(section: Section, known: Mapping[_Name, SectionDescription], own: States) -> Section:
    description = _resized(known.get(_name(section)), len(section.payload))
    for each in (description, describe_now(section, description, own) if description else None):
        described = msgspec.structs.replace(section, description=each)
        with contextlib.suppress(StreamError):
            leaves(described)
            if each is not None:
                return described
    return section


def _resized(description: SectionDescription | None, size: int) -> SectionDescription | None:
    if description is None or len(description.fields) != 1 or description.subsections:
        return description
    (field,) = description.fields
    if field.count != 1 or field.type not in _BLOBS:
        return description
    return msgspec.structs.replace(description, fields=(msgspec.structs.replace(field, size=size),))
