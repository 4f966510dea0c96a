"""What happens to a guest, written into the store: its start, and its move to another build.

A portrait of its paused twin is kept with each, so that later questions can be answered even when
the build is gone.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.impossible_guest import refuse_impossible_guest
from qcompat.errors import GuestError, UsageError
from qcompat.guest.base_type import words_on_base_type
from qcompat.guest.guest import Guest
from qcompat.lineage.event import Moved, Started
from qcompat.lineage.lineage import Lineage, after
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits, is_file

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from qcompat.app.lineage.move import PlannedMove


class StartQuestion(msgspec.Struct, frozen=True):
    """A guest called `name` was powered on at the time `at` (as in `lineage.event`).

    `build` is the name of a build, with QEMU's `arguments`, or a portrait file, which contains
    its guest. `guest` is what they describe, where it was read from a file already. With
    `base_type` a machine type of Proxmox VE is taken as its base type.
    """

    name: str
    build: str
    arguments: tuple[str, ...]
    at: str
    base_type: bool = False
    guest: Guest | None = None


async def record_start(question: StartQuestion, portraits: Portraits, store: Engine) -> Lineage:
    """Record the start and return the lineage with it.

    Errors: UsageError for a guest that is powered on already or one that is given twice,
    GuestError for one that is not given or that the build does not start, StoreError, and what
    taking a portrait raises.
    """
    from qcompat.store.lineages import append, lineage
    from qcompat.store.portraits import keep

    before = lineage(store, question.name)
    if before.cycle is not None:
        after(before, before.cycle.started)  # raises, before a portrait costs a second
    portrait = await _portrait(question, portraits)
    refuse_impossible_guest(portrait)
    return append(store, before, _started(question, portrait, keep(store, portrait)))


def record_move(before: Lineage, move: PlannedMove, at: str, store: Engine) -> Lineage:
    """Record that the guest went where `move` was planned to. Errors: StoreError."""
    from qcompat.store.lineages import append
    from qcompat.store.portraits import keep

    portrait = move.on_target.portrait
    event = Moved(at, portrait.build, portrait.identity, keep(store, portrait), move.held)
    return append(store, before, event)


async def _portrait(question: StartQuestion, portraits: Portraits) -> Portrait:
    if is_file(question.build):
        if question.arguments:
            raise UsageError(
                f"{question.build} is a portrait file, which contains its guest",
                "leave out the arguments, or name a build",
            )
        taken = await portraits.of(question.build, None)
        return AskedGuest(base_type=question.base_type).read(taken)
    if not question.arguments:
        raise GuestError("no guest is given", "give --guest FILE, or QEMU's arguments after --")
    from qcompat.guest.given.line import guest_of

    guest = question.guest or guest_of(question.arguments, base_type=question.base_type)
    return await portraits.of(question.build, guest)


def _started(question: StartQuestion, portrait: Portrait, digest: str) -> Started:
    words = question.arguments
    if question.base_type:
        words = words_on_base_type(words)
    return Started(
        at=question.at,
        build=portrait.build,
        identity=portrait.identity,
        machine=portrait.machine,
        arguments=words or portrait.guest.arguments,
        guest=portrait.guest.arguments,
        portrait=digest,
        accel=portrait.accel,
        uuid=next((value for option, value in pairwise(words) if option == "-uuid"), ""),
    )
