"""Which promises are counted: what a gate asks for, whatever else the answer tells.

loads      the target accepts the stream
running    and nothing changes for the guest while it runs on
unchanged  and nothing changes after its next reset either

The way back is in none of them: that is the same question with the builds the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from qcompat.rules.finding import Finding

Goal = Literal["loads", "running", "unchanged"]
GOALS: tuple[Goal, ...] = get_args(Goal)
USUAL: Goal = "running"
"""What an operator needs before a live migration: it is the running guest that moves. What it
finds after a reset is known by the same answer, and can wait until there is one."""


def counts(finding: Finding, goal: Goal) -> bool:
    """Whether the promise that a finding is about is among those that are counted."""
    if finding.promise == "unchanged":
        return goal == "unchanged" or (goal == "running" and finding.when != "reset")
    return finding.promise == "loads"


def counted(findings: Iterable[Finding], goal: Goal) -> tuple[Finding, ...]:
    """The findings that count, in their order."""
    return tuple(finding for finding in findings if counts(finding, goal))
