"""What follows from a refusal's message, and what of it fits into a sentence."""

from __future__ import annotations

from qcompat.portrait.portrait import Refusal

NON_MIGRATABLE = "State blocked by non-migratable device"


def blocks_loading(refusal: Refusal) -> bool:
    """Whether what kept the build from saving keeps it from loading as well."""
    return refusal.stage == "save" and NON_MIGRATABLE in refusal.message


def first_line(refusal: Refusal) -> str:
    """QEMU's own last word without the lines of advice and assertions that follow it."""
    return refusal.message.strip().partition("\n")[0]
