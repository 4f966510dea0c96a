"""A guest's next move: how the target must be started, and whether the guest gets there.

What it carries is put together from the portraits kept of its stays; what must be set beyond
the marks in force is found by `repair`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.app.lineage.picture import Picture, picture
from qcompat.lineage.carried import Carried, carried
from qcompat.lineage.event import Held
from qcompat.lineage.lineage import Life
from qcompat.lineage.standing import stand
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.remedy.edit import edit
from qcompat.remedy.setting import Setting
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Remedy, Unrepairable

UNKNOWN = Verdict("unknown", ())


class Move(msgspec.Struct, frozen=True):
    """Where a guest would go, and how.

    `verdict` holds with everything in `held` set. `new` are those that were no marks before,
    `arguments` the user's own line with all of them. `unrepairable` says why no property helps,
    where one would be needed; `lacking` why nothing could be judged.
    """

    target: str
    picture: Picture
    verdict: Verdict
    held: tuple[Held, ...]
    arguments: tuple[str, ...]
    new: tuple[Setting, ...] = ()
    unrepairable: Unrepairable | None = None
    lacking: str = ""


async def plan_move(
    portraits: Portraits,
    life: Life,
    kept: Mapping[str, Portrait],
    target: str,
    *,
    search: bool = True,
) -> Move:
    """How the guest gets to `target`; only paused twins are started.

    Errors: as `Portraits.of`.
    """
    born = kept[life.born.portrait]
    accel = _accel(life)
    shown = await picture(portraits, target, born.guest, life.marks, accel)
    guest = carried(life, kept)
    if guest is None:
        return _move(life, born, shown, UNKNOWN, lacking="a stay of the guest has no portrait")
    verdict = stand(guest, shown.portrait)
    if not search or verdict.verdict not in ("blocked", "drift"):
        return _move(life, born, shown, verdict)
    found = await repaired(portraits, guest, shown, unchanged=True)
    if not isinstance(found, Remedy):
        return _move(life, born, shown, verdict, unrepairable=found)
    helped = await with_remedy(portraits, shown, found, accel)
    return _move(life, born, helped, stand(guest, helped.portrait), found.settings)


async def repaired(
    portraits: Portraits, guest: Carried, shown: Picture, *, unchanged: bool
) -> Remedy | Unrepairable | None:
    """What must be set on the picture's build beyond the marks; None for one that is not here."""
    from qcompat.trial.repair.repair import repair

    registry = portraits.registry
    if shown.build not in registry.names() or guest.portrait.refusal:
        return None
    return await repair(
        portraits,
        guest.portrait,
        registry.get(shown.build),
        shown.guest,
        promise="unchanged" if unchanged else "loads",
        accel=guest.portrait.accel,
    )


async def with_remedy(
    portraits: Portraits, shown: Picture, remedy: Remedy, accel: AccelChoice
) -> Picture:
    """The picture with a remedy's settings in it."""
    from qcompat.guest.arguments import parse

    guest = msgspec.structs.replace(
        parse(remedy.arguments),
        uncovered=shown.guest.uncovered,
        network_namespace=shown.guest.network_namespace,
    )
    portrait = await portraits.of(shown.build, guest, accel=accel)
    return shown.having(remedy.settings, portrait)


def _move(
    life: Life,
    born: Portrait,
    shown: Picture,
    verdict: Verdict,
    new: tuple[Setting, ...] = (),
    *,
    unrepairable: Remedy | Unrepairable | None = None,
    lacking: str = "",
) -> Move:
    said = tuple(held.setting for held in shown.held if held.how == "set")
    return Move(
        target=shown.build,
        picture=shown,
        verdict=verdict,
        held=shown.held,
        arguments=edit(life.born.arguments, said, born),
        new=new,
        unrepairable=unrepairable if isinstance(unrepairable, Unrepairable) else None,
        lacking=lacking,
    )


def _accel(life: Life) -> AccelChoice:
    return "kvm" if life.born.accel == "kvm" else "tcg"
