"""The source sends the state of a part that the target's device does not have.

Some subsections are sent exactly when a device has a part, such as a timer, and are read right into
it. A target that knows the subsection but has no such part for this guest does not refuse the
stream: it ends (`part_states.toml`), and the guest stays on the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.sections import SubsectionOneSided
from qcompat.dataset import read_table
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.subsection_missing_on_target import is_known
from qcompat.rules.subject import state_of, subject_of

RULE = Rule(
    id="subsection_part_missing_on_target",
    stage="sections",
    position=14,
    says={
        "": "The target ends with a failed assertion when it reads the stream: the source sends "
        "the subsection {name}, and the target has no {part}",
    },
    explains=("subsection_part_missing_on_target",),
    foretells=("part without a place",),
)


class PartState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `part_states.toml`; see its head."""

    name: str
    state: str
    part: str
    source: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: tuple[PartState, ...]


@cache
def part_states() -> Mapping[tuple[str, str], PartState]:
    """The entries by state and subsection."""
    table = read_table("qcompat.rules", "section/part_states.toml", _Table)
    return {(entry.state, entry.name): entry for entry in table.state}


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(SubsectionOneSided):
        state = state_of(difference.idstr)
        entry = part_states().get((state, difference.name))
        if entry is None or not difference.source or not is_known(comparison.target, difference):
            continue
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="certain",
            subject=subject_of(comparison.source, difference.idstr),
            args={"name": difference.name, "part": entry.part},
            evidence=(Evidence("subsection", difference.name, None),),
        )
