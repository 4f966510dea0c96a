"""How a build holds a setting, in words."""

from __future__ import annotations

from qcompat.lineage.event import Held


def how(held: Held, is_new: bool) -> str:
    """What to do about it at the start there."""
    if is_new:
        return "new: set it here, and at every later start until the guest powers off"
    return {
        "set": "a mark: set it here too",
        "default": "a mark: default here, need not be said; still in force",
        "absent": "a mark: this build has no such property, it cannot be set; still in force",
    }[held.how]
