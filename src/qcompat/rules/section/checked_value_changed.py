"""A field has a value that the target refuses, because it checks it against its own.

Fields of the types `… equal` and `int32 le` (migration/vmstate-types.c: `… != …`, `Invalid value
… expecting positive value <= …`) and those that a hook compares (`checked_fields.toml`). They
hold what must be configured the same: numbers of ports, queues, timers. All other values travel:
the target takes over the source's, so a difference between two portraits is no change.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.layout import FieldDiffers
from qcompat.dataset import read_table
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import state_of, subject_of
from qcompat.stream.layout import value

Relation = Literal["equal", "le"]
LESS_OR_EQUAL = "int32 le"

RULE = Rule(
    id="checked_value_changed",
    stage="sections",
    position=9,
    says={
        "equal": "The target refuses the stream: the source sends {sent} as {field}, which must "
        "equal the target's own {own}",
        "le": "The target refuses the stream: the source sends {sent} as {field}, which must not "
        "exceed the target's own {own}",
    },
    needs_model=True,
    foretells=("invalid field", "checked value", "state"),
    travels=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(FieldDiffers):
        relation = relation_of(difference)
        if relation is None or _passes(difference, relation):
            continue
        sent, own = str(value(difference.source)), str(value(difference.target))
        field = f"{state_of(difference.idstr)}: {difference.target.path}"
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=subject_of(comparison.source, difference.idstr),
            case=relation,
            args={"sent": sent, "own": own, "field": field},
            evidence=(Evidence(field, sent, own),),
        )


def _passes(difference: FieldDiffers, relation: Relation) -> bool:
    if relation == "equal":
        return False
    sent, own = value(difference.source), value(difference.target)
    return isinstance(sent, int) and isinstance(own, int) and 0 <= sent <= own


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
