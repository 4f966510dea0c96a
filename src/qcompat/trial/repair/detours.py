"""What helps where no property does: a build on the way, or a power-off."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.builds.build import Build
from qcompat.errors import QcompatError
from qcompat.guest.guest import Guest
from qcompat.portrait.portraits import Portraits
from qcompat.trial.chain import run_chain
from qcompat.trial.repair.case import LOADS, Case
from qcompat.trial.repair.proof import first_line
from qcompat.trial.stop import Stop
from qcompat.verdict.detour import after_detour, carried
from qcompat.verdict.judge import judge


class Detours:
    """Ways over other builds for a guest that the target refuses; `home` proves them, if given."""

    def __init__(self, portraits: Portraits, case: Case, home: Build | None) -> None:
        after = case.found.after
        self._portraits = portraits
        self._case = case
        self._source = case.source
        self._target = after.portrait if after.starts and after.portrait else case.base
        self._build = case.target
        self._home = home
        self._direct = judge(self._source, self._target).forward

    async def tell(self, others: Sequence[Build]) -> tuple[str, ...]:
        """What each build on the way would do, then the power-off."""
        told = [said for other in others if (said := await self._one(other))]
        return (*told, self._power_off())

    async def _one(self, other: Build) -> str:
        names = {self._source.build, self._build.name}
        if other.name in names or self._case.budget.spent or self._target.refusal:
            return ""
        guest = self._case.base.guest
        try:
            stop = await self._portraits.of(
                other, guest, moment=self._source.moment, accel=self._source.accel
            )
        except QcompatError:
            return ""
        there = judge(self._source, stop).forward
        onward = judge(stop, self._target).forward
        if there.verdict not in LOADS or onward.verdict not in LOADS:
            return ""
        way = f"{self._source.build} → {other.name} → {self._build.name}"
        if after_detour(self._direct, onward) in LOADS:
            return await self._helpful(way, other, guest)
        return await self._helpless(way, other, guest)

    async def _helpful(self, way: str, other: Build, guest: Guest) -> str:
        outcome = await self._played(other, guest)
        if outcome is None:
            return f"by way of {other.name} it goes: {way} (likely)"
        return f"by way of {other.name} it goes: {way} (proven)" if outcome == "" else ""

    async def _helpless(self, way: str, other: Build, guest: Guest) -> str:
        outcome = await self._played(other, guest)
        what = carried(self._direct.findings)[0]
        why = f"{other.name} keeps and sends on what bars it ({what.evidence[0].what})"
        if outcome is None:
            return f"{way} does not help: {why} (likely)"
        if outcome == "":
            return f"by way of {other.name} it goes: {way} (proven)"
        return f"{way} does not help: {why} (proven: {outcome})"

    async def _played(self, other: Build, guest: Guest) -> str | None:
        """How a real chain ended: empty where it went all the way; None where none was made."""
        if self._home is None:
            return None
        stops = (
            Stop(self._home, self._source.guest),
            Stop(other, guest),
            Stop(self._build, self._target.guest),
        )
        trial = await run_chain(stops, accel=self._source.accel, moment=self._source.moment)
        last = trial.hops[-1]
        if len(trial.hops) == len(stops) - 1 and last.outcome.loads:
            return ""
        return first_line(last.outcome) or last.outcome.kind

    def _power_off(self) -> str:
        if self._target.refusal and self._target.refusal.stage in ("start", "crash"):
            return f"a power-off does not help either: {self._build.name} does not start this guest"
        removed = [each for each in self._case.found.settings if each.removes]
        without = ", ".join(f"{each.name}={each.value}" for each in removed)
        how = f" without {without}" if without else ""
        return f"a power-off: shut the guest down and start it on {self._build.name}{how}"
