"""The targets of a question about a running guest."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.errors import UsageError


def distinct(targets: Sequence[str]) -> tuple[str, ...]:
    """Each target once, in the order given. Errors: UsageError where there is none."""
    if not targets:
        raise UsageError("no target is given", "name builds: --to BUILD; see `qcompat builds list`")
    return tuple(dict.fromkeys(targets))
