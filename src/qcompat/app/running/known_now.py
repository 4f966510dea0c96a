"""A running guest that is known by questions, with its device state of now where it can be had."""

from __future__ import annotations

import msgspec

from qcompat.app.lineage.known_guest import KnownGuest
from qcompat.app.rehearse.guest_now import GuestNow, state_now
from qcompat.app.running.portrait_now import told
from qcompat.errors import (
    CommandError,
    GuestError,
    HostLacksError,
    UnreachableError,
    UsageError,
)
from qcompat.portrait.portrait import DEVICE_STATE, Gap
from qcompat.portrait.running.reach.running import Running

_DENIED = (CommandError, GuestError, HostLacksError, UnreachableError, UsageError)


async def with_state(known: KnownGuest, running: Running) -> tuple[KnownGuest, GuestNow | None]:
    """The guest with its state in its portrait, stopped for a moment; or with why it has not.

    A guest of which no twin's portrait is at hand stays as it is. Errors: as `take_device_state`
    where its QEMU does not do what it should.
    """
    if known.portrait is None:
        return known, None
    try:
        now = await state_now(known, running)
    except _DENIED as error:
        return without_state(known, error.message), None
    return msgspec.structs.replace(known, portrait=told(now)), now


def without_state(known: KnownGuest, reason: str) -> KnownGuest:
    """The guest as its answers and its twin show it, saying why not as its device state does."""
    assert known.observed
    gaps = (*known.observed.gaps, Gap(DEVICE_STATE, reason))
    observed = msgspec.structs.replace(known.observed, gaps=gaps)
    return msgspec.structs.replace(known, observed=observed)
