"""The two portraits are of different guests: an argument differs.

Only noted; what follows from it is told by the other rules, which name it as their cause
where they can.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import ArgumentDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import GUEST

RULE = "argument_changed"


def find(comparison: Comparison) -> Iterator[Finding]:
    differences = comparison.of(ArgumentDiffers)
    if not differences:
        return
    words = "; ".join(
        f"{_text(each.option, each.source) or 'nothing'} on the source, "
        f"{_text(each.option, each.target) or 'nothing'} on the target"
        for each in differences
    )
    yield Finding(
        rule=RULE,
        promise="unchanged",
        certainty="possible",
        subject=GUEST,
        summary=f"The two ends were given different guests: {words}",
        evidence=tuple(
            Evidence(f"argument {each.option}", each.source, each.target) for each in differences
        ),
        remedy="start the target with the source's arguments",
    )


def _text(option: str, value: str | None) -> str:
    return "" if value is None else f"{option} {value}".strip()
