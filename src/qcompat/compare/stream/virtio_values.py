"""Values in a virtio device's state that no other kind of difference tells of.

Interrupt pins, the MSI-X table, status, indexes and addresses of queues: what a running driver
left there. No rule speaks of them, since a target takes them over; `stream diff` shows them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.difference import Difference
from qcompat.compare.stream.sections import SectionPair
from qcompat.errors import StreamError
from qcompat.stream.decode.field import Field
from qcompat.stream.fields import fields
from qcompat.stream.layout import Leaf
from qcompat.stream.model import Section
from qcompat.stream.virtio.state import VirtioState

_TOLD = ("configuration", "device state", "features")
_COUNTED = ("queue ", "<")
_SIZES = "/size"
_RING_SIZES = "<virtio/ringsize>/queue"
_UNUSED = "unused queues"


class ValueDiffers(Difference[Field | None], frozen=True, kw_only=True):
    """A part of a virtio device's state has another value; None where an end lacks the part."""

    idstr: str
    instance_id: int
    path: str


def compare_values(
    pair: SectionPair, ours: VirtioState, theirs: VirtioState, one: Leaf, other: Leaf
) -> Iterator[ValueDiffers]:
    """Compare, part by part, what is in the states beside what other differences tell."""
    if _untold(ours, one) == _untold(theirs, other):
        return
    before, after = _parts(pair.source, one.path), _parts(pair.target, other.path)
    idstr, instance = pair.key
    for path in [*before, *(path for path in after if path not in before)]:
        source, target = before.get(path), after.get(path)
        if (source is None or target is None) and path.startswith(_COUNTED):
            continue  # told by the number of queues, or as a subsection of one end
        if source and target and path.endswith(_UNUSED) and source.size != target.size:
            continue
        if _bytes(pair.source, source) != _bytes(pair.target, target):
            yield ValueDiffers(
                idstr=idstr, instance_id=instance, path=path, source=source, target=target
            )


def _untold(state: VirtioState, leaf: Leaf) -> object:
    """The state without what has a difference of its own; cheap, and equal at a reset."""
    plain = msgspec.structs.replace(
        state,
        pci=None,
        config=b"",
        device_state=b"",
        subsections=(),
        undecoded=(),
        config_offset=0,
        device_state_offset=0,
        guest_features=0,
        queues=tuple(msgspec.structs.replace(q, num=0, num_default=None) for q in state.queues),
    )
    start = state.pci.offset + len(state.pci.config) if state.pci else 0
    bodies = [(s.name, s.data, s.nested) for s in state.subsections if not _is_told(f"<{s.name}>")]
    return plain, leaf.data[start : state.config_offset - 12], bodies


def _parts(section: Section, path: str) -> dict[str, Field]:
    try:
        found = next((field for field in fields(section) if field.path == path), None)
    except StreamError:
        return {}
    return {part.path: part for part in _flat(found.parts if found else ())}


def _flat(parts: tuple[Field, ...]) -> Iterator[Field]:
    for part in parts:
        if part.parts and not part.path.endswith("/msix"):
            yield from _flat(part.parts)
        elif not _is_told(part.path):
            yield part


def _is_told(path: str) -> bool:
    is_register = path.startswith("pci/") and not path.startswith(
        ("pci/interrupt pins", "pci/msix", "pci/configuration vector", "pci/version")
    )
    is_count = path == "queues" or path.endswith(_SIZES) or _RING_SIZES in path
    return is_register or is_count or path.startswith(_TOLD) or "features" in path


def _bytes(section: Section, field: Field | None) -> bytes | None:
    if field is None:
        return None
    start = field.offset - section.offset
    return section.payload[start : start + field.size * field.count]
