"""A guest as this machine can start it: the one place that decides what it may not have here.

Whoever starts a guest, for a portrait or for a real migration, starts what `startable` makes of
it, so that both look at the same guest. What it loses by that is named as uncovered.
"""

from __future__ import annotations

from qcompat.guest.guest import Guest
from qcompat.guest.network import without_taps


def startable(guest: Guest) -> Guest:
    """The guest, without taps where none can be made here. It stays as it is a second time."""
    if not guest.network_namespace:
        return guest
    from qcompat.builds.run.sandbox import can_make_taps  # tries it, which takes a process

    return guest if can_make_taps() else without_taps(guest)
