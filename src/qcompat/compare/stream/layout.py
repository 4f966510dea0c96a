"""What lies where in a section: wire layout, subsections and values.

Leaves of both ends are grouped by the subsection they belong to, since a subsection may be
absent on one end; within a group they are matched by position, never by name, because names
are not on the wire (design decision 5). Values are compared as far as the positions fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from qcompat.compare.difference import Difference
from qcompat.compare.pci import ConfigDiffers
from qcompat.compare.stream.sections import (
    Leaves,
    SectionPair,
    SectionUnreadable,
    SubsectionOneSided,
    SubsectionVersionDiffers,
)
from qcompat.compare.virtio import VirtioDifference, compare_states
from qcompat.errors import StreamError
from qcompat.stream.conditional import without_one_sided
from qcompat.stream.layout import UNDESCRIBED, Leaf, leaves
from qcompat.stream.virtio import gpu

ENCODED_BY_DEVICE = frozenset(
    {"virtio", "pci config", "msix state", "qtailq", "qlist", "gtree", "tmp", UNDESCRIBED}
)
"""Types whose bytes an encoder of their own writes: another type there is another layout even
at equal size. All other types are plain integers and buffers, told apart by size alone."""

TAKEN_APART = frozenset({"virtio", gpu.RESOURCES})
"""Encodings that say themselves where they end. Those of virtio are compared in `virtio`;
the images on a guest's screens are its own."""


class Layout(msgspec.Struct, frozen=True):
    """The fields of a section or of one subsection as one end wrote them, and its version."""

    version: int
    leaves: Leaves


class LayoutDiffers(Difference[Layout], frozen=True, kw_only=True):
    """A section's, or one subsection's, fields differ in position, size or type.

    `position` is the index of the first leaf that does not fit; `path` is empty for the
    section itself.
    """

    idstr: str
    instance_id: int
    path: str
    position: int


class FieldDiffers(Difference[Leaf], frozen=True, kw_only=True):
    """A field at the same place of both ends has different bytes.

    Where the layout differs too, only the fields before the first misfit are compared.
    """

    idstr: str
    instance_id: int


ContentDifference = LayoutDiffers | FieldDiffers | SectionUnreadable | VirtioDifference


def compare_contents(pair: SectionPair) -> Iterator[ContentDifference]:
    """Everything that differs inside one section of both ends."""
    if pair.source.payload == pair.target.payload:
        return
    try:
        sent, own = leaves(pair.source), leaves(pair.target)
        ours = _grouped(without_one_sided(sent, own))
        theirs = _grouped(without_one_sided(own, sent))
    except StreamError as error:
        yield _unreadable(pair, error)
        return
    for path in sorted(ours.keys() | theirs.keys()):
        if path in ours and path in theirs:
            yield from _group(pair, path, ours[path], theirs[path])
        elif _is_outermost(path, ours, theirs):
            yield _one_sided(pair, path, ours.get(path, ()), theirs.get(path, ()))


def is_alike(one: Leaf, other: Leaf) -> bool:
    """Whether two leaves take the same bytes in the same form."""
    if one.type == other.type and one.type in TAKEN_APART:
        return True
    if len(one.data) != len(other.data):
        return False
    if one.type == other.type:
        return True
    return one.type not in ENCODED_BY_DEVICE and other.type not in ENCODED_BY_DEVICE


def subsection_name(path: str) -> str:
    """`env.<cpu/xcrs>` → `cpu/xcrs`."""
    return path.rpartition("<")[2].removesuffix(">")


def _grouped(found: Sequence[Leaf]) -> dict[str, Leaves]:
    groups: dict[str, list[Leaf]] = {"": []}
    for leaf in (part for each in found for part in gpu.apart(each)):
        groups.setdefault(_owner(leaf.path), []).append(leaf)
    return {path: tuple(group) for path, group in groups.items()}


def _owner(path: str) -> str:
    return path[: path.rfind(">") + 1]


def _is_outermost(path: str, ours: dict[str, Leaves], theirs: dict[str, Leaves]) -> bool:
    parent = _owner(path[: path.rfind("<")])
    return parent in ours and parent in theirs


def _one_sided(pair: SectionPair, path: str, ours: Leaves, theirs: Leaves) -> SubsectionOneSided:
    return SubsectionOneSided(
        idstr=pair.source.idstr,
        instance_id=pair.source.instance_id,
        path=path,
        name=subsection_name(path),
        source=ours,
        target=theirs,
    )


def _group(
    pair: SectionPair, path: str, ours: Leaves, theirs: Leaves
) -> Iterator[ContentDifference]:
    idstr, instance = pair.source.idstr, pair.source.instance_id
    one, other = Layout(pair.source.version_id, ours), Layout(pair.target.version_id, theirs)
    if path:
        one, other = _without_header(ours), _without_header(theirs)
        if one.version != other.version:
            yield SubsectionVersionDiffers(
                idstr=idstr,
                instance_id=instance,
                name=subsection_name(path),
                source=one.version,
                target=other.version,
            )
    position = _first_misfit(one.leaves, other.leaves)
    if position is not None:
        yield LayoutDiffers(
            idstr=idstr,
            instance_id=instance,
            path=path,
            position=position,
            source=one,
            target=other,
        )
    count = len(one.leaves) if position is None else position + 1
    for before, after in zip(one.leaves[:count], other.leaves[:count], strict=False):
        if before.data != after.data:
            yield from _field(pair, before, after)


def _field(pair: SectionPair, one: Leaf, other: Leaf) -> Iterator[ContentDifference]:
    """A value, and what lies inside it where its encoding is known."""
    idstr, instance = pair.key
    if one.type == other.type == "virtio":
        try:
            yield from compare_states(pair, one, other)
        except StreamError as error:
            yield _unreadable(pair, error)
    elif one.type == other.type == "pci config":
        address = idstr.partition("/")[0]
        yield ConfigDiffers(address=address, idstr=idstr, source=one.data, target=other.data)
    elif is_alike(one, other):
        yield FieldDiffers(idstr=idstr, instance_id=instance, source=one, target=other)


def _unreadable(pair: SectionPair, error: StreamError) -> SectionUnreadable:
    idstr, instance = pair.key
    reason = error.message
    return SectionUnreadable(idstr=idstr, instance_id=instance, source=reason, target=reason)


def _first_misfit(ours: Leaves, theirs: Leaves) -> int | None:
    shared = min(len(ours), len(theirs))
    for position in range(shared):
        if not is_alike(ours[position], theirs[position]):
            return position
    return None if len(ours) == len(theirs) else shared


def _without_header(group: Leaves) -> Layout:
    return Layout(int.from_bytes(group[0].data[-4:], "big"), group[1:])
