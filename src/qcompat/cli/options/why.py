"""`--why N`: one finding of a check with all that it stands on, instead of the whole answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
import msgspec

from qcompat.errors import UsageError

if TYPE_CHECKING:
    from qcompat.cli.options.shown import Shown


def why_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option; the command's `shown` then shows that finding alone.

    Errors: UsageError where there is more than one answer.
    """

    @wraps(command)
    def with_why(*args: Any, why: int | None, shown: Shown, **others: Any) -> object:
        if why and (others["running"] or others["targets"]):
            raise UsageError(
                "--why is for a check between two builds",
                "what a rule looks for is told by: qcompat explain RULE",
            )
        return command(*args, shown=msgspec.structs.replace(shown, why=why), **others)

    option = click.option(
        "--why",
        type=click.IntRange(min=1),
        metavar="N",
        help="Show finding N alone: what it stands on, where that was read, its rule and advisory.",
    )
    decorated: Callable[..., Any] = option(with_why)
    return decorated
