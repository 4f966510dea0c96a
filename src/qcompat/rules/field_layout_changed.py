"""The fields of a section lie differently on the two ends, so the target misreads it.

There is no length on the wire: one field too many or of another size shifts all that follows,
and QEMU notices at the section's end (`Missing section footer`) or by nonsense in a later
field. Where the source sends an older version that the target accepts, fields that came with
a later version are left out first, as `vmstate_field_exists` does.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.layout import LayoutDiffers, subsection_name
from qcompat.compare.subsections import Leaves
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.loading.reading import first_misfit
from qcompat.rules.loading.states import description_of, field_named
from qcompat.rules.subject import name_of, state_of
from qcompat.stream.layout import UNDESCRIBED, Leaf

RULE = "field_layout_changed"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(LayoutDiffers):
        if difference.source.version > difference.target.version:
            continue
        reading = _as_read(difference, comparison)
        misfit = first_misfit(difference.source.leaves, reading)
        if misfit is not None:
            yield _finding(difference, comparison, reading, misfit)


def _as_read(difference: LayoutDiffers, comparison: Comparison) -> Leaves:
    """The target's fields without those that it does not expect in the source's version."""
    target, version = difference.target, difference.source.version
    if version == target.version or difference.path:
        return target.leaves
    description = description_of(comparison.target, difference.idstr)
    if description is None:
        return target.leaves
    fields = ((leaf, field_named(description, leaf.path)) for leaf in target.leaves)
    return tuple(
        leaf
        for leaf, field in fields
        if field is None or field.conditional or field.version <= version
    )


def _finding(
    difference: LayoutDiffers, comparison: Comparison, reading: Leaves, misfit: tuple[int, int]
) -> Finding:
    sent, expected = _at(difference.source.leaves, misfit[0]), _at(reading, misfit[1])
    is_open = _is_open(difference, comparison)
    state = subsection_name(difference.path) or state_of(difference.idstr)
    position = f"field {misfit[0] + 1}"
    return Finding(
        rule=RULE,
        promise="loads",
        certainty="possible" if is_open else "certain",
        device=name_of(comparison.source, difference.idstr),
        summary=_summary(state, position, sent, expected, is_open),
        evidence=(Evidence(f"{position} of {state}", sent, expected),),
        undecided=is_open,
    )


def _is_open(difference: LayoutDiffers, comparison: Comparison) -> bool:
    """Unknown encodings, and older versions of a state that the build did not describe."""
    rows = (*difference.source.leaves, *difference.target.leaves)
    if any(leaf.type == UNDESCRIBED for leaf in rows):
        return True
    if difference.source.version == difference.target.version:
        return False
    return bool(difference.path) or description_of(comparison.target, difference.idstr) is None


def _summary(
    state: str, position: str, sent: str | None, expected: str | None, is_open: bool
) -> str:
    where = f"at {position} the source sends {sent or 'nothing more'}, "
    where += f"the target expects {expected or 'the end'}"
    if is_open:
        return f"Whether the target can read the state {state} is not known: {where}"
    return f"The target misreads the state {state} and refuses the stream: {where}"


def _at(leaves: Leaves, position: int) -> str | None:
    return _described(leaves[position]) if position < len(leaves) else None


def _described(leaf: Leaf) -> str:
    count = f"[{leaf.count}]" if leaf.count > 1 else ""
    return f"{leaf.path} ({leaf.type}{count}, {len(leaf.data)} bytes)"
