"""What to set on the target so that a guest's migration works, and what helps where nothing does.

The search and its proof are `trial.repair`. Here are the ends: the source is a build or a
portrait, the target a build of this machine, since candidates are judged by starting it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.errors import UsageError
from qcompat.guest.guest import Guest
from qcompat.local.doing import doing
from qcompat.portrait.builds_of_guest import builds_with
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import End, Portraits, is_file
from qcompat.verdict.goal import USUAL, Goal
from qcompat.verdict.remedy import Remedy, Unrepairable

Found: TypeAlias = Remedy | Unrepairable | None


class RepairQuestion(msgspec.Struct, frozen=True):
    """`source` is a build, a portrait file or a portrait, `target` a build of this machine.

    With a portrait as the source, `asked` is the guest that the target is started with (by
    default the portrait's own). `on_source` are more arguments that only the source was started
    with. `is_proven` has the remedy really loaded. The search ends after `seconds`.
    """

    source: End | Portrait
    target: End
    asked: AskedGuest = AskedGuest()
    on_source: tuple[str, ...] = ()
    promise: Goal = USUAL
    is_proven: bool = False
    seconds: float = 60.0


class Repaired(msgspec.Struct, frozen=True):
    """What was found between the builds named `source` and `target`.

    `found` is None where there is nothing to repair.
    """

    source: str
    target: str
    found: Found


async def repair(question: RepairQuestion, portraits: Portraits) -> Repaired:
    """Search for the smallest remedy.

    Errors: UsageError where the target is no build of this machine, or a proof is wanted and
    the source is none; and as `Portraits.of`.
    """
    from qcompat.trial.repair.case import Bounds
    from qcompat.trial.repair.repair import repair as search

    registry = portraits.registry
    target = _target(question.target, registry)
    source, guest = await _source(question, portraits)
    with doing(f"searching what {target.name} has to be told"):
        found = await search(
            portraits,
            source,
            target,
            guest,
            promise=question.promise,
            prove=_home_of(source, registry) if question.is_proven else None,
            others=builds_with(guest.machine, registry.list()),
            bounds=Bounds(seconds=question.seconds),
        )
    if found is not None:
        found = await _in_own_words(question, portraits, source, target, guest, found)
    return Repaired(source.build, target.name, found)


async def _in_own_words(
    question: RepairQuestion,
    portraits: Portraits,
    source: Portrait,
    target: Build,
    guest: Guest,
    found: Remedy | Unrepairable,
) -> Remedy | Unrepairable:
    """What is to be written into the user's own line: that of the guest has stand-ins."""
    from qcompat.remedy.as_given import as_given
    from qcompat.remedy.changed import changed_words
    from qcompat.remedy.edit import edit

    settings = as_given(found.settings, (*question.on_source, *question.asked.own))
    found = msgspec.structs.replace(found, settings=settings)
    own = question.asked.own
    if not own or not settings:
        return found
    base = await portraits.of(target, guest, moment=source.moment, accel=source.accel)
    words, dropped = changed_words(own, edit(own, settings, base))
    if isinstance(found, Unrepairable):
        return msgspec.structs.replace(found, words=words)
    return msgspec.structs.replace(found, words=words, dropped=dropped)


def _target(end: End, registry: Registry) -> Build:
    if isinstance(end, Build):
        return end
    if is_file(end):
        raise UsageError(
            f"{end} is a portrait file, and candidates are tried on a real build",
            "name the build that it was taken of (see `qcompat builds list`)",
        )
    return registry.get(end)


async def _source(question: RepairQuestion, portraits: Portraits) -> tuple[Portrait, Guest]:
    """The source's portrait, and the guest that the target is started with."""
    shown, asked = question.source, question.asked
    if isinstance(shown, str) and is_file(shown):
        if question.on_source:
            raise UsageError(
                f"{shown} is a portrait file, which contains the source's arguments",
                "leave out --on-source",
            )
        shown = asked.read(read_portrait(Path(shown)))
    if not isinstance(shown, Portrait):
        shown = await _with(asked, question.on_source).portrait_on(portraits, shown)
    return shown, asked.guest or shown.guest


def _with(asked: AskedGuest, more: tuple[str, ...]) -> AskedGuest:
    if not more or asked.guest is None:
        return asked
    from qcompat.guest.given.line import guest_of

    guest = guest_of([*asked.guest.arguments, *more])
    uncovered = tuple(dict.fromkeys((*asked.guest.uncovered, *guest.uncovered)))
    return msgspec.structs.replace(asked, guest=msgspec.structs.replace(guest, uncovered=uncovered))


def _home_of(source: Portrait, registry: Registry) -> Build:
    for build in registry.list():
        if build.name == source.build and build.identity == source.identity:
            return build
    raise UsageError(
        f"--prove saves the guest on its source, and {source.build} is not on this machine",
        "`qcompat builds fetch` or `qcompat builds add` brings it here",
    )
