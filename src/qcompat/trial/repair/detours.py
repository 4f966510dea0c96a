"""What helps where no property does: a build on the way, or a power-off."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.builds.build import Build
from qcompat.errors import QcompatError
from qcompat.guest.guest import Guest
from qcompat.portrait.portraits import Portraits
from qcompat.qemu.outcome import Outcome
from qcompat.rules.finding import Certainty
from qcompat.trial.chain import run_chain
from qcompat.trial.repair.case import LOADS, Case
from qcompat.trial.stop import Stop
from qcompat.verdict.detour import Detour, PowerOff, UntriedDetour, after_detour, carried
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

    async def over(self, others: Sequence[Build]) -> tuple[Detour | UntriedDetour, ...]:
        """What each build on the way would do, where the guest gets as far as that.

        One that this machine cannot run, or whose answer did not come, is untried.
        """
        found = [await self._tried(other) for other in others]
        return tuple(each for each in found if each is not None)

    async def _tried(self, other: Build) -> Detour | UntriedDetour | None:
        try:
            return await self._one(other)
        except QcompatError as error:
            return UntriedDetour(other.name, error.message)

    async def _one(self, other: Build) -> Detour | None:
        names = {self._source.build, self._build.name}
        if other.name in names or self._case.budget.spent or self._target.refusal:
            return None
        guest = self._case.base.guest
        stop = await self._portraits.of(
            other, guest, moment=self._source.moment, accel=self._source.accel
        )
        there = judge(self._source, stop).forward
        onward = judge(stop, self._target).forward
        if there.verdict not in LOADS or onward.verdict not in LOADS:
            return None
        helps = after_detour(self._direct, onward) in LOADS
        trial = await self._played(other, guest) if self._home else None
        if trial is None:
            return self._detour(other, helps, "likely", None)
        got_there, outcome = trial
        if helps and not got_there:
            return None
        return self._detour(other, got_there, "proven", outcome)

    def _detour(
        self, via: Build, helps: bool, certainty: Certainty, outcome: Outcome | None
    ) -> Detour:
        barred_by = "" if helps else carried(self._direct.findings)[0].evidence[0].what
        names = (self._source.build, via.name, self._build.name)
        return Detour(*names, helps, certainty, barred_by, outcome)

    async def _played(self, other: Build, guest: Guest) -> tuple[bool, Outcome]:
        """Whether the guest of a real chain got to the target, and how its last hop ended."""
        assert self._home is not None
        stops = (
            Stop(self._home, self._source.guest),
            Stop(other, guest),
            Stop(self._build, self._target.guest),
        )
        trial = await run_chain(stops, accel=self._source.accel, moment=self._source.moment)
        last = trial.hops[-1].outcome
        return len(trial.hops) == len(stops) - 1 and last.loads, last


def power_off(case: Case) -> PowerOff:
    """Whether a guest that is shut down can start on the target, with what was found."""
    after = case.found.after
    refusal = after.portrait.refusal if after.starts and after.portrait else case.base.refusal
    helps = refusal is None or refusal.stage not in ("start", "crash")
    removed = tuple(each for each in case.found.settings if each.removes)
    return PowerOff(case.target.name, helps, removed if helps else ())
