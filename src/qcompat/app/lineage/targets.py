"""Where a guest with its history can go: every build with its verdict, remedy and chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from qcompat.app.lineage.move import NO_PORTRAIT, UNKNOWN, search_remedy, with_remedy
from qcompat.app.lineage.on_target import TargetPortraits, portraits_on_each
from qcompat.app.start_line import StartLine, start_line
from qcompat.lineage.carried import Carried, carried
from qcompat.lineage.chain import Leg, shortest_chain
from qcompat.lineage.event import Held
from qcompat.lineage.leftover import Leftover, builds_that_clear, leftovers
from qcompat.lineage.lineage import PowerCycle
from qcompat.lineage.marks import to_set
from qcompat.lineage.verdict import verdict_on
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.remedy.edit import edit
from qcompat.remedy.setting import Setting
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Reason, Remedy, Unrepairable


class Target(msgspec.Struct, frozen=True):
    """One build as a target.

    `verdict` holds with the marks in force; `remedy` is what would have to be set beyond them,
    `remedied` the verdict with it, `held` both marks and remedy, and `start` the user's own line
    with them, as the build reads it. `reasons` say why no property helps. `chain` is the shortest
    way over other builds, where there is none directly; `cleared_by` are the builds from which the
    guest could go there, powered off and started afresh. `lacking` says why it is unknown.
    """

    build: str
    verdict: Verdict
    remedy: tuple[Setting, ...] = ()
    remedied: Verdict | None = None
    held: tuple[Held, ...] = ()
    start: StartLine | None = None
    reasons: tuple[Reason, ...] = ()
    chain: tuple[Leg, ...] = ()
    cleared_by: tuple[str, ...] = msgspec.field(default=(), name="cures")
    lacking: str = ""


class Targets(msgspec.Struct, frozen=True):
    """All builds as targets, and the state that the guest carries from earlier builds."""

    targets: tuple[Target, ...]
    leftovers: tuple[Leftover, ...] = ()


async def judge_targets(
    portraits: Portraits,
    cycle: PowerCycle,
    stored: Mapping[str, Portrait],
    builds: tuple[str, ...],
    *,
    search: bool = True,
) -> Targets:
    """Judge every build; remedies are searched for where it is blocked, if `search`."""
    first, guest = stored[cycle.started.portrait], carried(cycle, stored)
    if guest is None:
        return Targets(tuple(Target(build, UNKNOWN, lacking=NO_PORTRAIT) for build in builds))
    accel: AccelChoice = first.accel
    on_target, lacking = await portraits_on_each(portraits, builds, first.guest, cycle.marks, accel)
    view = _View(portraits, cycle, first, guest, on_target, accel, search)
    targets = [
        await view.target(build)
        if build in on_target
        else Target(build, UNKNOWN, lacking=lacking[build])
        for build in builds
    ]
    return Targets(tuple(targets), leftovers(guest, stored[cycle.current.portrait]))


@dataclass(frozen=True)
class _View:
    portraits: Portraits
    cycle: PowerCycle
    first: Portrait
    guest: Carried
    on_target: Mapping[str, TargetPortraits]
    accel: AccelChoice
    search: bool

    async def target(self, build: str) -> Target:
        verdict = verdict_on(self.guest, self.on_target[build].portrait)
        if verdict.verdict in ("ok", "drift"):
            return Target(build, verdict)
        found = await self._repaired(build) if verdict.tried == "blocked" else None
        if isinstance(found, Remedy):
            helped = await with_remedy(self.portraits, self.on_target[build], found, self.accel)
            remedied = verdict_on(self.guest, helped.portrait)
            line = edit(self.cycle.started.arguments, to_set(helped.held), self.first)
            start = await start_line(self.portraits.registry, build, line)
            return Target(build, verdict, found.settings, remedied, helped.held, start)
        reasons = found.reasons if isinstance(found, Unrepairable) else ()
        return Target(
            build,
            verdict,
            reasons=reasons,
            chain=self._chain(build),
            cleared_by=self._cleared_by(build),
        )

    async def _repaired(self, build: str) -> Remedy | Unrepairable | None:
        if not self.search:
            return None
        return await search_remedy(
            self.portraits, self.guest, self.on_target[build], unchanged=False
        )

    def _chain(self, build: str) -> tuple[Leg, ...]:
        return shortest_chain(
            self.guest, build, {name: each.portrait for name, each in self.on_target.items()}
        )

    def _cleared_by(self, build: str) -> tuple[str, ...]:
        return builds_that_clear(build, {name: each.fresh for name, each in self.on_target.items()})
