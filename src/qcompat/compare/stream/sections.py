"""Sections of device state: matched once by id and instance, then compared layer by layer.

Nothing looks into a section whose bytes are equal on both ends, so that comparing two whole
guests stays cheap. `layout` finds what differs inside: positions, values and subsections; of
virtio devices `compare.virtio` does. A subsection is a part of a state that is sent only when it
is needed.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.difference import Difference
from qcompat.stream.layout import Leaf
from qcompat.stream.model import Section, Stream

SectionKey = tuple[str, int]
Leaves = tuple[Leaf, ...]


class SectionOneSided(Difference[Section | None], frozen=True, kw_only=True):
    """A section that only one end sent."""

    idstr: str
    instance_id: int


class SectionVersionDiffers(Difference[int], frozen=True, kw_only=True):
    """The ends send different versions of one section."""

    idstr: str
    instance_id: int


class SectionUnreadable(Difference[str | None], frozen=True, kw_only=True):
    """A section that differs and could not be taken apart; the values are the reasons."""

    idstr: str
    instance_id: int


class SubsectionOneSided(Difference[Leaves], frozen=True, kw_only=True):
    """A subsection that one end sent and the other did not; the absent one has no leaves.

    `name` is the subsection's own (`cpu/xcrs`), `path` where in the section it stands.
    """

    idstr: str
    instance_id: int
    path: str
    name: str


class SubsectionVersionDiffers(Difference[int], frozen=True, kw_only=True):
    """Both ends sent a subsection, in different versions."""

    idstr: str
    instance_id: int
    name: str


class SectionPair(msgspec.Struct, frozen=True):
    """One section as both ends sent it, known to differ somewhere."""

    source: Section
    target: Section

    @property
    def key(self) -> SectionKey:
        return (self.source.idstr, self.source.instance_id)


def sections_by_key(stream: Stream | None) -> dict[SectionKey, Section]:
    sections = stream.sections if stream else ()
    return {(section.idstr, section.instance_id): section for section in sections}


def differing_pairs(source: Stream, target: Stream) -> tuple[SectionPair, ...]:
    """Sections of both ends whose bytes or version differ, by id and instance."""
    theirs = sections_by_key(target)
    pairs = (
        SectionPair(section, theirs[key])
        for key, section in sorted(sections_by_key(source).items(), key=_id)
        if key in theirs
    )
    return tuple(pair for pair in pairs if not _equal(pair.source, pair.target))


def compare_sections(source: Stream, target: Stream) -> Iterator[SectionOneSided]:
    """Sections of one end only."""
    ours, theirs = sections_by_key(source), sections_by_key(target)
    for idstr, instance in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get((idstr, instance)), theirs.get((idstr, instance))
        if one is None or other is None:
            yield SectionOneSided(idstr=idstr, instance_id=instance, source=one, target=other)


def compare_versions(pair: SectionPair) -> Iterator[SectionVersionDiffers]:
    one, other = pair.source, pair.target
    if one.version_id != other.version_id:
        yield SectionVersionDiffers(
            idstr=one.idstr,
            instance_id=one.instance_id,
            source=one.version_id,
            target=other.version_id,
        )


def _equal(one: Section, other: Section) -> bool:
    """Equal bytes are read alike whatever the description calls them."""
    return one.version_id == other.version_id and one.payload == other.payload


def _id(entry: tuple[SectionKey, Section]) -> SectionKey:
    return entry[0]
