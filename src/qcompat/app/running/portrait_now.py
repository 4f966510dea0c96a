"""A portrait of a running guest: what its twin gives, with the device state of the guest itself."""

from __future__ import annotations

import msgspec

from qcompat.app.rehearse.guest_now import GuestNow, take_guest_now
from qcompat.portrait.portrait import Portrait, Refusal
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.running.reach.running import Running


class RunningQuestion(msgspec.Struct, frozen=True):
    """A running guest. `build` and `words` are its own, where they cannot be seen."""

    running: Running
    build: str = ""
    words: tuple[str, ...] = ()


async def take_portrait_now(question: RunningQuestion, portraits: Portraits) -> GuestNow:
    """The guest as it is now. It is stopped for a moment. Errors: as `take_guest_now`."""
    now = await take_guest_now(portraits, question.running, question.build, question.words)
    return msgspec.structs.replace(now, portrait=_told(now)) if now.blocked else now


def _told(now: GuestNow) -> Portrait:
    """The portrait of a guest that its own QEMU would not migrate, saying so."""
    if now.portrait.refusal is not None:
        return now.portrait
    refusal = Refusal("save", "; ".join(now.blocked))
    return msgspec.structs.replace(now.portrait, stream=None, refusal=refusal)
