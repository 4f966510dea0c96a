"""The fields of a section are laid out differently on the two ends, so the target misreads it.

There is no length on the wire: one field too many or of another size shifts all that follows, and
QEMU notices at the section's end (`Missing section footer`) or by nonsense in a later field.
`reading.py` works out what the target expects of the source's version.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.layout import LayoutDiffers, subsection_name
from qcompat.compare.stream.sections import Leaves, sections_by_key
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.inner_version import expected, states_with_version
from qcompat.rules.section.reading import expecting, first_misfit, is_open, of_version
from qcompat.rules.subject import state_of, subject_of
from qcompat.stream.layout import Leaf, leaves

RULE = Rule(
    id="field_layout_changed",
    stage="sections",
    position=6,
    says={
        "": "The target misreads the state {state} and refuses the stream: at field {position} "
        "the source sends {sent}, the target expects {expected}",
        "unknown": "It is not known whether the target can read the state {state}: at field "
        "{position} the source sends {sent}, the target expects {expected}",
    },
    needs_model=True,
    foretells=(
        "version too new",
        "version too old",
        "layout",
        "invalid field",
        "cut short",
        "state",
    ),
)


class Reading(msgspec.Struct, frozen=True):
    """A row of fields as sent and as the target expects it; `is_open`: that may be wrong."""

    idstr: str
    state: str
    sent: Leaves
    expected: Leaves
    is_open: bool = False


def find(comparison: Comparison) -> Iterator[Finding]:
    for reading in (*_readings(comparison), *_with_version(comparison)):
        misfit = first_misfit(reading.sent, reading.expected)
        if misfit is not None:
            yield _finding(reading, comparison, misfit)


def _readings(comparison: Comparison) -> Iterator[Reading]:
    for difference in comparison.of(LayoutDiffers):
        if difference.source.version > difference.target.version:
            continue
        if state_of(difference.idstr) in states_with_version() and not difference.path:
            continue
        yield Reading(
            difference.idstr,
            subsection_name(difference.path) or state_of(difference.idstr),
            difference.source.leaves,
            expecting(difference, comparison.target),
            is_open(difference, comparison.target),
        )


def _with_version(comparison: Comparison) -> Iterator[Reading]:
    theirs = sections_by_key(comparison.target.stream)
    for key, section in sections_by_key(comparison.source.stream).items():
        other = theirs.get(key)
        if other is None or state_of(section.idstr) not in states_with_version():
            continue
        if section.version_id <= other.version_id and section.payload != other.payload:
            sent, own = leaves(section), leaves(other)
            described = (comparison.target, section.idstr)
            own = of_version(own, section.version_id, other.version_id, described)
            read = expected(comparison.target, section.idstr, sent, own)
            yield Reading(section.idstr, state_of(section.idstr), sent, read)


def _finding(reading: Reading, comparison: Comparison, misfit: tuple[int, int]) -> Finding:
    sent, read = _at(reading.sent, misfit[0]), _at(reading.expected, misfit[1])
    position = misfit[0] + 1
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="possible" if reading.is_open else "certain",
        subject=subject_of(comparison.source, reading.idstr),
        case="unknown" if reading.is_open else "",
        args={
            "state": reading.state,
            "position": position,
            "sent": sent or "nothing more",
            "expected": read or "the end",
        },
        evidence=(Evidence(f"field {position} of {reading.state}", sent, read),),
        undecided=reading.is_open,
    )


def _at(row: Leaves, position: int) -> str | None:
    return _described(row[position]) if position < len(row) else None


def _described(leaf: Leaf) -> str:
    count = f"[{leaf.count}]" if leaf.count > 1 else ""
    return f"{leaf.path} ({leaf.type}{count}, {len(leaf.data)} bytes)"
