"""A guest's next move: how the target must be started, and whether the guest gets there.

What it carries is put together from its stored portraits; what must be set beyond the marks in
force is found by `repair`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.app.lineage.on_target import TargetPortraits, portraits_on
from qcompat.app.start_line import StartLine, start_line
from qcompat.lineage.carried import Carried, carried
from qcompat.lineage.event import Held
from qcompat.lineage.lineage import PowerCycle
from qcompat.lineage.marks import to_set
from qcompat.lineage.verdict import verdict_on
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.remedy.edit import edit
from qcompat.remedy.setting import Setting
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Remedy, Unrepairable

UNKNOWN = Verdict("unknown", ())
NO_PORTRAIT = "a portrait of the guest, on a build that it has run on, is not in the store"


class PlannedMove(msgspec.Struct, frozen=True):
    """Where a guest would go, and how.

    `verdict` holds with everything in `held` set. `new` are those that were no marks before,
    `start` the user's own line with all of them, as the target reads it. `unrepairable` says why
    no property helps, where one would be needed; `lacking` why nothing could be judged.
    """

    target: str
    on_target: TargetPortraits
    verdict: Verdict
    held: tuple[Held, ...]
    start: StartLine
    new: tuple[Setting, ...] = ()
    unrepairable: Unrepairable | None = None
    lacking: str = ""


async def plan_move(
    portraits: Portraits,
    cycle: PowerCycle,
    stored: Mapping[str, Portrait],
    target: str,
    *,
    search: bool = True,
) -> PlannedMove:
    """How the guest gets to `target`; only paused twins are started.

    Errors: as `Portraits.of`.
    """
    first = stored[cycle.started.portrait]
    accel = _accel(cycle)
    on_target = await portraits_on(portraits, target, first.guest, cycle.marks, accel)
    guest = carried(cycle, stored)
    if guest is None:
        return await _move(portraits, cycle, first, on_target, UNKNOWN, lacking=NO_PORTRAIT)
    verdict = verdict_on(guest, on_target.portrait)
    if not search or verdict.tried not in ("blocked", "drift"):
        return await _move(portraits, cycle, first, on_target, verdict)
    found = await search_remedy(portraits, guest, on_target, unchanged=True)
    if not isinstance(found, Remedy):
        return await _move(portraits, cycle, first, on_target, verdict, unrepairable=found)
    helped = await with_remedy(portraits, on_target, found, accel)
    verdict = verdict_on(guest, helped.portrait)
    return await _move(portraits, cycle, first, helped, verdict, found.settings)


async def search_remedy(
    portraits: Portraits, guest: Carried, on_target: TargetPortraits, *, unchanged: bool
) -> Remedy | Unrepairable | None:
    """What must be set beyond the marks; None where the build is not on this machine."""
    from qcompat.trial.repair.repair import repair

    registry = portraits.registry
    if on_target.build not in registry.names() or guest.portrait.refusal:
        return None
    return await repair(
        portraits,
        guest.portrait,
        registry.get(on_target.build),
        on_target.guest,
        promise="unchanged" if unchanged else "loads",
        accel=guest.portrait.accel,
    )


async def with_remedy(
    portraits: Portraits, on_target: TargetPortraits, remedy: Remedy, accel: AccelChoice
) -> TargetPortraits:
    """The guest on the target with a remedy's settings too."""
    from qcompat.guest.arguments import changed

    guest = changed(on_target.guest, remedy.arguments)
    portrait = await portraits.of(on_target.build, guest, accel=accel)
    return on_target.with_more(remedy.settings, portrait)


async def _move(
    portraits: Portraits,
    cycle: PowerCycle,
    first: Portrait,
    on_target: TargetPortraits,
    verdict: Verdict,
    new: tuple[Setting, ...] = (),
    *,
    unrepairable: Remedy | Unrepairable | None = None,
    lacking: str = "",
) -> PlannedMove:
    return PlannedMove(
        target=on_target.build,
        on_target=on_target,
        verdict=verdict,
        held=on_target.held,
        start=await start_line(
            portraits.registry,
            on_target.build,
            edit(cycle.started.arguments, to_set(on_target.held), first),
            has_stand_ins=cycle.started.arguments == cycle.started.guest,
        ),
        new=new,
        unrepairable=unrepairable if isinstance(unrepairable, Unrepairable) else None,
        lacking=lacking,
    )


def _accel(cycle: PowerCycle) -> AccelChoice:
    return "kvm" if cycle.started.accel == "kvm" else "tcg"
