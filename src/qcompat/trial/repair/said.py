"""QEMU's own word for how a load ended, in one line."""

from __future__ import annotations

import re

from qcompat.qemu.outcome import Outcome

_COMMAND = re.compile(r"^QEMU ended during \S+: ")


def said(outcome: Outcome) -> str:
    """The kind of the outcome, and the first line of its message where it failed."""
    first = first_line(outcome)
    return outcome.kind if outcome.loads or not first else f"{outcome.kind}: {first}"


def first_line(outcome: Outcome) -> str:
    """The message's first line, without which of our questions it was the answer to."""
    message = _COMMAND.sub("", outcome.message).strip()
    return next(iter(message.splitlines()), "")
