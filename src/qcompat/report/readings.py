"""What the fields of a stream are called and mean: the names behind a difference's paths."""

from __future__ import annotations

from functools import cache

from qcompat.errors import StreamError
from qcompat.stream.decode.field import Field
from qcompat.stream.fields import fields
from qcompat.stream.layout import Leaf
from qcompat.stream.model import Section, Stream


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

    def _decoded(self, idstr: str, instance_id: int) -> dict[int, Field]:
        section = self._sections.get((idstr, instance_id))
        try:
            return _by_place(section) if section else {}
        except StreamError:
            return {}


def _by_place(section: Section) -> dict[int, Field]:
    return {field.offset - section.offset: field for field in fields(section)}
