"""A subsection with arrays arrives at a target that knows it but did not send it itself.

The number of elements that the target reads follows from its own configuration and is not sent
(VMS_VARRAY fields; `ich9_pm/cpuhp` has one element a possible processor: 11.1 always sends it,
10.0 does not). For the same guest the numbers agree. They do not where the guests can have
different numbers of processors and the source sends one element for each. Where another argument
differs that has just this number on the source, only the target's own state would decide it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import ArgumentDiffers
from qcompat.compare.stream.sections import Leaves, SubsectionOneSided
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.subsection_missing_on_target import is_known
from qcompat.rules.subject import state_of, subject_of

RULE = Rule(
    id="subsection_unproven_on_target",
    stage="sections",
    position=8,
    says={
        "": "The source sends {elements} elements in the subsection {name} of the state {state}. "
        "The target was given other arguments, and it is not known how many elements it expects: "
        "if it is another number, the target misreads what follows",
        "processors": "The source sends {elements} elements in the subsection {name} of the state "
        "{state}, one for each processor it can have. The target can have another number of "
        "processors, so it expects another number of elements and misreads what follows",
    },
    foretells=("unknown subsection", "unknown subsection of a device"),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(SubsectionOneSided):
        elements = _elements(difference.source)
        subject = subject_of(comparison.source, difference.idstr)
        owner = subject.type or subject.section
        given = [e for e in comparison.of(ArgumentDiffers) if _counts(e, elements, owner)]
        if given and is_known(comparison.target, difference):
            yield _finding(comparison, difference, elements, given)


def _finding(
    comparison: Comparison,
    difference: SubsectionOneSided,
    elements: int,
    given: list[ArgumentDiffers],
) -> Finding:
    is_sure = any(each.option == "-smp" and processors(each.source) == elements for each in given)
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="likely" if is_sure else "possible",
        subject=subject_of(comparison.source, difference.idstr),
        case="processors" if is_sure else "",
        args={
            "name": difference.name,
            "state": state_of(difference.idstr),
            "elements": elements,
        },
        evidence=(
            Evidence(f"elements in {difference.name}", str(elements), None),
            *(Evidence(f"argument {each.option}", each.source, each.target) for each in given),
        ),
        undecided=not is_sure,
    )


def _elements(leaves: Leaves) -> int:
    """How many array elements there are, structures and plain values together."""
    structures = {leaf.path.partition("]")[0] for leaf in leaves if "[" in leaf.path}
    return len(structures) + sum(leaf.count for leaf in leaves if leaf.count > 1)


def _counts(argument: ArgumentDiffers, elements: int, owner: str) -> bool:
    """Whether the argument may be what decides on the number of elements of this device."""
    if not elements:
        return False
    if argument.option == "-smp":
        return processors(argument.source) != processors(argument.target)
    if argument.option == "-device" and owner not in (argument.source or ""):
        return False
    return elements in _numbers(argument.source) - _numbers(argument.target)


def _numbers(text: str | None) -> set[int]:
    """The values that are numbers."""
    return {int(number) for number in re.findall(r"(?:^|[,=])(\d+)(?=$|,)", text or "")}


def processors(smp: str | None) -> int:
    """How many processors the guest can have at most by its `-smp` (hw/core/machine-smp.c)."""
    if smp is None:
        return 1
    numbers = {name or "cpus": int(n) for name, n in re.findall(r"(?:(\w+)=)?(\d+)", smp)}
    levels = (n for name, n in numbers.items() if name not in ("cpus", "maxcpus"))
    return numbers.get("maxcpus") or numbers.get("cpus") or math.prod(levels)
