"""What the fields of a stream are called and mean: the names behind a difference's paths."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from qcompat.errors import StreamError
from qcompat.stream.decode.field import Field
from qcompat.stream.fields import fields
from qcompat.stream.layout import Leaf, leaves
from qcompat.stream.model import Section, Stream
from qcompat.stream.virtio.state import decode, transport_of


class Readings:
    """Looks up decoded fields of one stream; a section is decoded when it is first asked for."""

    def __init__(self, stream: Stream) -> None:
        self._sections = {(s.idstr, s.instance_id): s for s in stream.sections}
        self._fields = cache(self._decoded)

    def of(self, idstr: str, instance_id: int, leaf: Leaf, index: int | None) -> Field | None:
        """The field of `leaf`, or the part for one element of it; None where it has no name."""
        field = self._fields(idstr, instance_id).get(leaf.offset)
        if field is None or index is None:
            return field
        return field.parts[index] if len(field.parts) == leaf.count else None

    def parts(self, idstr: str, prefix: str) -> dict[str, Field]:
        """The innermost parts of a virtio device's state whose path begins so, by path."""
        for key in self._sections:
            if key[0] == idstr:
                found = self._fields(*key).values()
                return {f.path: f for f in _flat(tuple(found)) if f.path.startswith(prefix)}
        return {}

    def device_number(self, idstr: str) -> int:
        """What kind of virtio device a section is of; 0 where it does not say."""
        for (name, _), section in self._sections.items():
            if name == idstr:
                return _device_number(section)
        return 0

    def _decoded(self, idstr: str, instance_id: int) -> dict[int, Field]:
        section = self._sections.get((idstr, instance_id))
        try:
            return _by_place(section) if section else {}
        except StreamError:
            return {}


def _by_place(section: Section) -> dict[int, Field]:
    return {field.offset - section.offset: field for field in fields(section)}


def _flat(found: tuple[Field, ...]) -> Iterator[Field]:
    for field in found:
        if field.parts:
            yield from _flat(field.parts)
        else:
            yield field


def _device_number(section: Section) -> int:
    try:
        leaf = next((leaf for leaf in leaves(section) if leaf.type == "virtio"), None)
        state = decode(leaf.data, transport_of(section.idstr)) if leaf else None
    except StreamError:
        return 0
    return state.device_number if state else 0
