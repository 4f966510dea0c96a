"""A subsection with arrays arrives at a target that knows it but did not send it itself.

How many elements the target reads follows from its own configuration and is not on the wire
(VMS_VARRAY fields; `ich9_pm/cpuhp` has one element a possible processor: 11.1 always sends it,
10.0 does not). For the same guest the numbers agree. For guests that were given different
processors, or another number where the source was given just as many as it has elements, only
the target's own state would tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import ArgumentDiffers
from qcompat.compare.subsections import Leaves, SubsectionOneSided
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import name_of, state_of
from qcompat.rules.subsection_missing_on_target import is_known

RULE = "subsection_unproven_on_target"


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(SubsectionOneSided):
        elements = _elements(difference.source)
        given = [e for e in comparison.of(ArgumentDiffers) if elements and _counts(e, elements)]
        if not given or not is_known(comparison.target, difference):
            continue
        yield Finding(
            rule=RULE,
            promise="loads",
            certainty="possible",
            device=name_of(comparison.source, difference.idstr),
            summary=f"The source sends the subsection {difference.name} of the state "
            f"{state_of(difference.idstr)} with arrays, the target does not, and the guests were "
            "given different arguments: whether the target expects as many elements is not known",
            evidence=(
                Evidence(f"elements in {difference.name}", str(elements), None),
                *(Evidence(f"argument {each.option}", each.source, each.target) for each in given),
            ),
            undecided=True,
        )


def _elements(leaves: Leaves) -> int:
    """How many array elements there are, structures and plain values together."""
    structures = {leaf.path.partition("]")[0] for leaf in leaves if "[" in leaf.path}
    return len(structures) + sum(leaf.count for leaf in leaves if leaf.count > 1)


def _counts(argument: ArgumentDiffers, elements: int) -> bool:
    """Whether the argument may be what decides on the number of elements."""
    numbers = {int(number) for number in re.findall(r"\d+", argument.source or "")}
    return argument.option == "-smp" or elements in numbers
