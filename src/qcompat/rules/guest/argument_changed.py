"""The two portraits are of different guests: an argument differs.

Only a note. The other rules find what follows from it, and name it as the cause where they can.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import ArgumentDiffers
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="argument_changed",
    stage="notes",
    position=8,
    effect=Effect(
        "now",
        "what an argument changes is not known here; the other rules find it and say when",
    ),
    says={
        "": "The guest has different arguments on the two ends: {changes:;}",
    },
    names_settings=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    differences = comparison.of(ArgumentDiffers)
    if not differences:
        return
    yield Finding(
        rule=RULE.id,
        promise="unchanged",
        certainty="possible",
        subject=GUEST,
        args={"changes": tuple(map(_change, differences))},
        evidence=tuple(
            Evidence(f"argument {each.option}", each.source, each.target) for each in differences
        ),
        remedy="start the target with the source's arguments",
    )


def _change(difference: ArgumentDiffers) -> str:
    """`-smp 2 → -smp 4`."""
    ends = (difference.source, difference.target)
    before, after = (
        "none" if value is None else f"{difference.option} {value}".strip() for value in ends
    )
    return f"{before} → {after}"
