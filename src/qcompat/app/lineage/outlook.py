"""Where a guest with its history can go: every build with its verdict, remedy, chain and cure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from qcompat.app.lineage.move import UNKNOWN, repaired, with_remedy
from qcompat.app.lineage.picture import Picture, pictures
from qcompat.lineage.carried import Carried, carried
from qcompat.lineage.chain import Leg, shortest_chain
from qcompat.lineage.event import Held
from qcompat.lineage.holding import to_say
from qcompat.lineage.infection import Infection, cures, infections
from qcompat.lineage.lineage import Life
from qcompat.lineage.standing import stand
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.remedy.edit import edit
from qcompat.remedy.setting import Setting
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Reason, Remedy, Unrepairable


class Outlook(msgspec.Struct, frozen=True):
    """One build as a target.

    `verdict` holds with the marks in force; `remedy` is what would have to be set beyond them,
    `remedied` the verdict with it, `held` both marks and remedy, and `arguments` the user's own
    line with them. `reasons` say why no property helps. `chain` is the shortest way over other
    builds, where there is none directly; `cures` are the builds on which the guest, powered off
    and started anew, would be or could go there. `lacking` says why it is unknown.
    """

    build: str
    verdict: Verdict
    remedy: tuple[Setting, ...] = ()
    remedied: Verdict | None = None
    held: tuple[Held, ...] = ()
    arguments: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    chain: tuple[Leg, ...] = ()
    cures: tuple[str, ...] = ()
    lacking: str = ""


class Outlooks(msgspec.Struct, frozen=True):
    """All builds as targets, and what the guest carries that its own build would not give it."""

    targets: tuple[Outlook, ...]
    infections: tuple[Infection, ...] = ()


async def look_out(
    portraits: Portraits,
    life: Life,
    kept: Mapping[str, Portrait],
    builds: tuple[str, ...],
    *,
    search: bool = True,
) -> Outlooks:
    """Judge every build; remedies are searched for where it is blocked, if `search`."""
    born, guest = kept[life.born.portrait], carried(life, kept)
    if guest is None:
        why = "a stay of the guest has no portrait"
        return Outlooks(tuple(Outlook(build, UNKNOWN, lacking=why) for build in builds))
    accel: AccelChoice = born.accel
    shown, lacking = await pictures(portraits, builds, born.guest, life.marks, accel)
    view = _View(portraits, life, born, guest, shown, accel, search)
    targets = [
        await view.outlook(build)
        if build in shown
        else Outlook(build, UNKNOWN, lacking=lacking[build])
        for build in builds
    ]
    return Outlooks(tuple(targets), infections(guest, kept[life.here.portrait]))


@dataclass(frozen=True)
class _View:
    portraits: Portraits
    life: Life
    born: Portrait
    guest: Carried
    shown: Mapping[str, Picture]
    accel: AccelChoice
    search: bool

    async def outlook(self, build: str) -> Outlook:
        verdict = stand(self.guest, self.shown[build].portrait)
        if verdict.verdict in ("ok", "drift"):
            return Outlook(build, verdict)
        found = await self._repaired(build) if verdict.verdict == "blocked" else None
        if isinstance(found, Remedy):
            helped = await with_remedy(self.portraits, self.shown[build], found, self.accel)
            remedied = stand(self.guest, helped.portrait)
            line = edit(self.life.born.arguments, to_say(helped.held), self.born)
            return Outlook(build, verdict, found.settings, remedied, helped.held, line)
        reasons = found.reasons if isinstance(found, Unrepairable) else ()
        return Outlook(
            build, verdict, reasons=reasons, chain=self._chain(build), cures=self._cures(build)
        )

    async def _repaired(self, build: str) -> Remedy | Unrepairable | None:
        if not self.search:
            return None
        return await repaired(self.portraits, self.guest, self.shown[build], unchanged=False)

    def _chain(self, build: str) -> tuple[Leg, ...]:
        return shortest_chain(
            self.guest, build, {name: each.portrait for name, each in self.shown.items()}
        )

    def _cures(self, build: str) -> tuple[str, ...]:
        return cures(build, {name: each.fresh for name, each in self.shown.items()})
