"""Fields that a state has only after something that its guest did (`conditional_fields.toml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.stream.layout import Leaf
from qcompat.stream.model import FieldDescription, SectionDescription


class ConditionalField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the table; see its head."""

    state: str
    field: str
    size: int
    behind: str
    source: str


class OpenArray(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An array whose length no build tells; see the head of the table."""

    state: str
    field: str
    source: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    field: tuple[ConditionalField, ...]
    array: tuple[OpenArray, ...]


@cache
def conditional_fields() -> Mapping[str, ConditionalField]:
    """The entries by their state; no state has two."""
    return {each.state: each for each in _table().field}


def is_open_array(state: str, field: str) -> bool:
    """Whether a state's field is an array whose length follows from the guest's arguments."""
    return any((each.state, each.field) == (state, field) for each in _table().array)


@cache
def _table() -> _Table:
    return read_table("qcompat.stream", "conditional_fields.toml", _Table)


def with_conditional(state: SectionDescription) -> SectionDescription:
    """The state with its conditional field in its place, whether or not it was sent."""
    wanted = conditional_fields().get(state.vmsd_name)
    names = [field.name for field in state.fields]
    if wanted is None or wanted.field in names or wanted.behind not in names:
        return state
    at = names.index(wanted.behind) + 1
    field = FieldDescription(wanted.field, "buffer", wanted.size)
    return msgspec.structs.replace(state, fields=(*state.fields[:at], field, *state.fields[at:]))


def is_absent(state: str, field: FieldDescription, before: bytes) -> bool:
    """Whether a state lacks this field of it, behind a field of the bytes `before`."""
    wanted = conditional_fields().get(state)
    return wanted is not None and wanted.field == field.name and not any(before)


def without_one_sided(ours: Sequence[Leaf], theirs: Sequence[Leaf]) -> list[Leaf]:
    """Our fields without the conditional ones that their guest has not come to.

    A target reads such a field where the one before it says that it is there.
    """
    paths = {leaf.path for leaf in theirs}
    return [
        leaf
        for before, leaf in zip((None, *ours), ours, strict=False)
        if leaf.path in paths or before is None or not _is_announced(before, leaf)
    ]


def _is_announced(before: Leaf, leaf: Leaf) -> bool:
    room, _, name = leaf.path.rpartition(".")
    ahead, _, flag = before.path.rpartition(".")
    return room == ahead and any(
        (each.field, each.behind, each.size) == (name, flag, len(leaf.data)) and any(before.data)
        for each in conditional_fields().values()
    )
