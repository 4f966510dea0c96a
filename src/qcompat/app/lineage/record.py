"""What happens to a guest, written into the store: its start, its moves, what was rehearsed.

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
from qcompat.lineage.event import Moved, Rehearsed, Started
from qcompat.lineage.lineage import Lineage, after, powered_on
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits, is_file

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from qcompat.app.lineage.move import PlannedMove
    from qcompat.app.rehearse.rehearse import Rehearsed as Rehearsals


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


def record_rehearsals(before: Lineage, rehearsed: Rehearsals, at: str, store: Engine) -> Lineage:
    """Record what the targets made of the device state that the guest had at the time `at`.

    Errors: UsageError for a guest that is off, or that by its record runs on another build than
    the one rehearsed; StoreError.
    """
    from qcompat.store.lineages import append

    here, seen = powered_on(before).current, rehearsed.now.portrait
    if here.identity != seen.identity:
        raise UsageError(
            f"by its record {before.name!r} runs on {here.build}, and the guest that was rehearsed"
            f" on {seen.build}",
            f"record its move first: qcompat guest moved {before.name} {seen.build}",
        )
    for trial, identity in zip(rehearsed.trials, rehearsed.targets, strict=True):
        message = trial.hops[-1].outcome.message
        event = Rehearsed(at, trial.builds[1], identity, trial.ending, message)
        before = append(store, before, event)
    return before


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
