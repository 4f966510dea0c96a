"""What of a refusal's message fits into a sentence."""

from __future__ import annotations

from qcompat.portrait.portrait import Refusal


def first_line(refusal: Refusal) -> str:
    """QEMU's own last word without the lines of advice and assertions that follow it."""
    return refusal.message.strip().partition("\n")[0]
