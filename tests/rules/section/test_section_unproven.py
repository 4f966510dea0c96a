"""What cannot be taken apart leaves the answer open."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from qcompat.compare.comparison import compare
from qcompat.portrait.portrait import Portrait
from qcompat.report.finding import summary_text
from qcompat.rules.section.section_unproven import find
from qcompat.stream.model import Section
from qcompat.verdict.judge import judge

Recording = Callable[[str], Portrait]


def with_section(portrait: Portrait, change: Callable[[Section], Section]) -> Portrait:
    """The portrait with its virtio-blk section changed."""
    assert portrait.stream
    sections = tuple(
        change(each) if each.idstr.endswith("/virtio-blk") else each
        for each in portrait.stream.sections
    )
    stream = msgspec.structs.replace(portrait.stream, sections=sections)
    return msgspec.structs.replace(portrait, stream=stream)


def torn(section: Section) -> Section:
    return msgspec.structs.replace(section, payload=section.payload[:-100])


def with_unknown_subsection(section: Section) -> Section:
    """Behind the last one that is known, in the one field of the section."""
    name = b"virtio/future"
    more = bytes([5, len(name)]) + name + (1).to_bytes(4, "big") + b"\1"
    assert section.description
    (field,) = section.description.fields
    longer = msgspec.structs.replace(field, size=field.size + len(more))
    description = msgspec.structs.replace(section.description, fields=(longer,))
    payload = section.payload + more
    return msgspec.structs.replace(section, payload=payload, description=description)


def test_section_against_its_description_is_open(recording: Recording) -> None:
    portrait = recording("blk@7.2.22")
    assert judge(with_section(portrait, torn), portrait).forward.verdict == "unknown"


def test_unknown_part_of_a_virtio_state_is_open(recording: Recording) -> None:
    portrait = recording("blk@7.2.22")
    (finding,) = find(compare(with_section(portrait, with_unknown_subsection), portrait))
    assert finding.undecided
    assert "bytes behind virtio/" in summary_text(finding)


def test_equal_unreadable_sections_are_no_difference(recording: Recording) -> None:
    portrait = with_section(recording("blk@7.2.22"), torn)
    copy = msgspec.msgpack.decode(msgspec.msgpack.encode(portrait), type=Portrait)
    assert judge(portrait, copy).forward.verdict == "ok"
