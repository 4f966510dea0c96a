"""Which promise a command speaks of: the option, and the exit codes of verdicts by promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from qcompat.verdict.judgement import Answer
    from qcompat.verdict.search.cost import Goal

EXIT_CODES: dict[Goal, dict[Answer, int]] = {
    "loads": {"ok": 0, "drift": 0, "blocked": 1, "unknown": 3},
    "unchanged": {"ok": 0, "drift": 1, "blocked": 1, "unknown": 3},
}
_SPOKEN_OF = "What the exit code speaks of: that the guest loads, or also sees no change (default)."


def promise_option(
    meaning: str = _SPOKEN_OF, *, default: Goal = "unchanged"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--promise loads|unchanged`; `meaning` is its help, what it is good for in this command."""
    choice = click.Choice(list(EXIT_CODES))
    return click.option("--promise", type=choice, default=default, help=meaning)
