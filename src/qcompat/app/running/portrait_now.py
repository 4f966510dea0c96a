"""A portrait of a running guest: what its twin gives, with the device state of the guest itself."""

from __future__ import annotations

from functools import partial

import msgspec

from qcompat.app.lineage.known_guest import KnownGuest, try_out
from qcompat.app.rehearse.guest_now import GuestNow, look_at, state_now
from qcompat.errors import CommandError, UsageError
from qcompat.guest.guest import Uncovered
from qcompat.lineage.observed import corrected
from qcompat.portrait.portrait import DEVICE_STATE, Gap, Portrait, Refusal
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.running.observe import observe
from qcompat.portrait.running.reach.running import Running


class RunningQuestion(msgspec.Struct, frozen=True):
    """A running guest. `build` and `words` are its own, where they cannot be seen."""

    running: Running
    build: str = ""
    words: tuple[str, ...] = ()


async def take_portrait_now(question: RunningQuestion, portraits: Portraits) -> GuestNow:
    """The guest as it is now. It is stopped for a moment.

    Where its QEMU, or a policy, denies its device state, or no twin is like it, the portrait has
    what can be asked, and says what is missing. Errors: as `look_at` and `state_now`.
    """
    known = await look_at(portraits, question.running, question.build, question.words)
    try:
        now = await state_now(known, question.running)
    except (CommandError, UsageError) as error:
        return GuestNow(await _by_questions(known, question, portraits, error.message))
    return msgspec.structs.replace(now, portrait=told(now))


async def _by_questions(
    known: KnownGuest, question: RunningQuestion, portraits: Portraits, reason: str
) -> Portrait:
    """The portrait of the twin with what the guest answers in it: all but its device state."""
    tried = partial(try_out, portraits, build=question.build, words=question.words)
    observed = await observe(question.running, tried)
    assert known.portrait
    twin = corrected(known.portrait, observed)
    missing = Uncovered("the device state of the running guest", f"it was not read: {reason}")
    uncovered = (*twin.guest.uncovered, missing)
    return msgspec.structs.replace(
        twin,
        moment="running",
        memory=observed.memory or twin.memory,
        guest=msgspec.structs.replace(twin.guest, uncovered=uncovered),
        gaps=(*twin.gaps, Gap(DEVICE_STATE, reason)),
    )


def told(now: GuestNow) -> Portrait:
    """The portrait; of a guest that its own QEMU would not migrate, saying so."""
    if not now.blocked or now.portrait.refusal is not None:
        return now.portrait
    refusal = Refusal("save", "; ".join(now.blocked))
    return msgspec.structs.replace(now.portrait, stream=None, refusal=refusal)
