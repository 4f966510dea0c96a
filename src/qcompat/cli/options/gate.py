"""What an exit code counts: --promise and --strict, of every command whose code is a verdict's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from qcompat.verdict.goal import Goal

GOALS: tuple[Goal, ...] = ("loads", "running", "unchanged")
USUAL: Goal = "running"
"""As in `verdict.goal`, which is only imported by a command that runs."""

Usual = Callable[[Mapping[str, Any]], "Goal"]

COUNTED = (
    "What the exit code counts: that the guest loads; that nothing changes for it while it runs "
    "either (running, the default); or not after its next reset either (unchanged)."
)
TRIED = (
    "What the exit code counts: that the guest loads (default), which a trial shows; or also that "
    "nothing changes for it while it runs (running), nor after its next reset (unchanged), as seen "
    "and predicted."
)


def gate_options(
    meaning: str = COUNTED, *, default: Goal | Usual = USUAL
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add both options; the command gets them as one `gate`, a `verdict.gate.Gate`.

    The usual promise, `default`, may follow from the command's other parameters.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_gate(*args: Any, promise: Goal | None, is_strict: bool, **others: Any) -> object:
            from qcompat.verdict.gate import Gate

            goal = promise or (default(others) if callable(default) else default)
            return command(*args, gate=Gate(goal, is_strict), **others)

        strict = click.option(
            "--strict",
            "is_strict",
            is_flag=True,
            help="Exit with 3 where the target may refuse the guest, depending on what it did.",
        )
        choice = click.option("--promise", type=click.Choice(list(GOALS)), help=meaning)
        decorated: Callable[..., Any] = choice(strict(with_gate))
        return decorated

    return decorate
