"""States that a twin never sent, as the build itself describes them (`-dump-vmstate`).

It says the fields and their sizes, which are the bytes of a plain value in a stream too
(migration/vmstate-types.c), and leaves out how long an array is whose length is not fixed: which
those are is in `conditional_fields.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from qcompat.builds.facts import StateDescription, StateField
from qcompat.stream.conditional import is_open_array
from qcompat.stream.model import FieldDescription, SectionDescription

MOST_ELEMENTS = 4096
UNKNOWN = "buffer"
"""The type of what a subsection holds that the twin never sent."""

States = Mapping[str, StateDescription]
"""Subsections by name."""


def subsections_in(states: Iterable[StateDescription]) -> dict[str, StateDescription]:
    """Every subsection, however deep it lies; none of a name that stands for two."""
    found: dict[str, StateDescription] = {}
    twice: set[str] = set()
    for name, one in _subsections(states):
        if found.setdefault(name, one) != one:
            twice.add(name)
    return {name: one for name, one in found.items() if name not in twice}


def _subsections(states: Iterable[StateDescription]) -> Iterator[tuple[str, StateDescription]]:
    for state in states:
        yield from ((each.name, each) for each in state.subsections)
        nested = (field.description for field in state.fields if field.description)
        yield from _subsections((*state.subsections, *nested))


def is_told(state: StateDescription) -> bool:
    """Whether nothing of it depends on what its guest did but the length of an array."""
    is_plain = not any(field.conditional for field in state.fields)
    nested = [field.description for field in state.fields if field.description]
    return is_plain and not state.subsections and all(map(is_told, nested))


def has_array(state: StateDescription) -> bool:
    """Whether it has an array of whose length the build says nothing."""
    nested = [field.description for field in state.fields if field.description]
    is_here = any(is_open_array(state.name, field.name) for field in state.fields)
    return is_here or any(map(has_array, nested))


def described_by_build(state: StateDescription, elements: int) -> SectionDescription:
    """The state as a stream's description would have it, such arrays with so many elements."""
    fields = tuple(_field(state.name, field, elements) for field in state.fields)
    return SectionDescription(state.name, state.version, fields)


def _field(state: str, field: StateField, elements: int) -> FieldDescription:
    if field.description is None:
        return FieldDescription(field.name, UNKNOWN, field.size * field.count)
    nested = described_by_build(field.description, elements)
    count = elements if is_open_array(state, field.name) else field.count
    is_array = count != 1 or is_open_array(state, field.name)
    array_len = count if is_array else None
    return FieldDescription(field.name, "struct", 1, array_len=array_len, struct=nested)
