"""Which fields the target compares with its own value while it loads."""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from qcompat.compare.layout import FieldDiffers
from qcompat.dataset import read_table
from qcompat.rules.subject import state_of

Relation = Literal["equal", "le"]
LESS_OR_EQUAL = "int32 le"


class CheckedField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field that a hook of the target checks; see the head of `checked_fields.toml`."""

    state: str
    field: str
    relation: Relation
    source: str
    property: str = ""


class CheckedFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `checked_fields.toml`."""

    field: tuple[CheckedField, ...]


@cache
def checked_fields() -> dict[tuple[str, str], CheckedField]:
    table = read_table("qcompat.rules", "section/checked_fields.toml", CheckedFields)
    return {(field.state, field.field): field for field in table.field}


def relation_of(difference: FieldDiffers) -> Relation | None:
    """What the target requires of this field, or None where it takes any value."""
    reader = difference.target
    if reader.type.endswith(" equal"):
        return "equal"
    if reader.type == LESS_OR_EQUAL:
        return "le"
    name = reader.path.rpartition(".")[2].partition("[")[0]
    known = checked_fields().get((state_of(difference.idstr), name))
    return known.relation if known else None
