"""The row of fields that the target expects of a section in the source's version.

`vmstate_field_exists` (migration/vmstate.c): a field with a test function is there when that
says so, any other when the section's version is at least the field's. The test functions are
not known; a target at the same moment of the same guest is taken to decide as it did when it
wrote its own state. States where that is wrong are in `governed`.
"""

from __future__ import annotations

from qcompat.compare.layout import LayoutDiffers
from qcompat.compare.subsections import Leaves
from qcompat.portrait.portrait import Portrait
from qcompat.rules.section.states import description_of, field_named
from qcompat.stream.layout import UNDESCRIBED


def expecting(difference: LayoutDiffers, target: Portrait) -> Leaves:
    """The target's fields without those that came later than the source's version."""
    return of_version(
        difference.target.leaves,
        difference.source.version,
        difference.target.version,
        None if difference.path else (target, difference.idstr),
    )


def of_version(
    own: Leaves, version: int, newest: int, described: tuple[Portrait, str] | None
) -> Leaves:
    """`own` as the build writes it in version `newest`, as it would read version `version`."""
    if version == newest or described is None:
        return own
    description = description_of(*described)
    if description is None:
        return own
    fields = ((leaf, field_named(description, leaf.path)) for leaf in own)
    return tuple(
        leaf
        for leaf, field in fields
        if field is None or field.conditional or field.version <= version
    )


def is_open(difference: LayoutDiffers, target: Portrait) -> bool:
    """Whether the expectation may be wrong: undescribed bytes, an older version of a state that
    the build did not describe."""
    rows = (*difference.source.leaves, *difference.target.leaves)
    if any(leaf.type == UNDESCRIBED for leaf in rows):
        return True
    if difference.source.version == difference.target.version:
        return False
    return bool(difference.path) or description_of(target, difference.idstr) is None
