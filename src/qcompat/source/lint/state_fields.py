"""Fields of migration state side by side: what the wire tells apart, and what it does not."""

from __future__ import annotations

import re

from qcompat.source.lint.finding import Severity
from qcompat.source.lint.state_sides import Side
from qcompat.source.tree.wire import Field


def wire(each: Field) -> tuple[tuple[str, ...], str, str]:
    return each.wire, each.test, each.since


def key_of(each: Field) -> str:
    return f"{each.name} {each.macro}" if "UNUSED" in each.macro else each.name


def is_resized(before: Side, after: Side) -> bool:
    """Whether members whose size their structure decides could make room for what came."""
    names = {each.name for each in before.fields() if "size=of the member" in each.wire}
    return any(each.name in names for each in after.fields())


def first_renamed(ours: list[Field], theirs: list[Field]) -> Field:
    return next(right for left, right in zip(ours, theirs, strict=True) if left.name != right.name)


def are_alike(gone: list[Field], come: list[Field]) -> bool:
    """Whether the wire does not tell them apart: renamed, or padding for a field."""
    return [wire(each) for each in gone] == [wire(each) for each in come] or fills(gone, come)


def fills(gone: list[Field], come: list[Field]) -> bool:
    """Whether what came takes the same number of bytes as what went: padding for a field."""
    sizes = [[each.size for each in side] for side in (gone, come)]
    if any(size is None for side in sizes for size in side) or not sizes[0] or not sizes[1]:
        return False
    return sum(filter(None, sizes[0])) == sum(filter(None, sizes[1])) and any(
        "UNUSED" in each.macro for each in [*gone, *come]
    )


def shown(each: Field) -> str:
    return f"{each.macro}({each.name})" if each.macro else each.name


def kind_of(each: Field) -> str:
    """What its macro is for, without how a field says since when, or under which test, it is."""
    return re.sub(r"VMSTATE_|_(?:V|TEST|UNSAFE|KNOWN)\b", "", each.macro)


def removal(before: Side, after: Side, each: Field) -> tuple[Severity, str] | None:
    """How bad it is that a field went; None where nobody is harmed by it."""
    if each.macro.startswith("VMSTATE_VALIDATE"):
        return None
    if after.number(after.found.minimum) > before.number(before.found.version):
        return None
    return ("suspicious" if each.test else "breaks"), ""
