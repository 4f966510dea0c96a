"""The key of a portrait: which guest, at which moment, on which accelerator.

Equal guests have equal arguments (`guest.arguments`), so the key is theirs, whoever spelled
them. Which build it is for is the store's business.
"""

from __future__ import annotations

import hashlib

from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Accel, Moment


def key_of(guest: Guest, moment: Moment, accel: Accel) -> str:
    """A short name for files: the first 32 hex digits of a digest."""
    text = "\0".join([moment, accel, str(guest.network_namespace), *guest.arguments])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
