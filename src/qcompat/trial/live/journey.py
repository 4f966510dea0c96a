"""The way of one live guest: it boots at the first stop, and hops from there to the last.

A hop ends well when the target took the guest; how the guest is then is in its checks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec

from qcompat.errors import EnvironmentError_, QemuError
from qcompat.guest.guest import Uncovered
from qcompat.trial.live.checks.all import compare_reports
from qcompat.trial.live.checks.heartbeat import check_heartbeat
from qcompat.trial.live.conversation import Conversation, SilentError
from qcompat.trial.live.hops import Arrived, moved_hop, unstarted_hop
from qcompat.trial.live.idle import idle
from qcompat.trial.live.life import House, Life, live
from qcompat.trial.live.report import Report
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Check, Hop
from qcompat.trial.wire.migrate import migrate

_BEATS = 5
"""So many beats at a stop show that the guest works there."""


class NoBootError(EnvironmentError_):
    """The guest's kernel did not come up at the first stop; `log` is what QEMU printed."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log


class Limits(msgspec.Struct, frozen=True):
    """Seconds that a boot may take, and any other step."""

    boot: float
    step: float


class Journey:
    """One guest's way over its stops; leaving its context ends every QEMU on it."""

    def __init__(self, house: House, limits: Limits, on_event: Callable[[str], None]) -> None:
        self._house, self._limits, self._on_event = house, limits, on_event
        self._talk = Conversation()
        self._stack = contextlib.AsyncExitStack()
        self.uncovered: tuple[Uncovered, ...] = ()

    async def __aenter__(self) -> Journey:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def travel(self, stops: Sequence[Stop]) -> tuple[Hop, ...]:
        """The hops that were made; one that failed is the last.

        Raises NoBootError, and QemuError where the first stop does not start the guest.
        """
        self.uncovered = self._house.body(stops[0]).uncovered
        here = await self._boot(stops[0])
        self.uncovered += idle(here.report)
        hops: list[Hop] = []
        for source, target in pairwise(stops):
            hop, there = await self._hop(here, source, target)
            hops.append(hop)
            if there is None:
                break
            here = there
        return tuple(hops)

    async def _start(self, stop: Stop, *, incoming: bool) -> Life:
        life = await self._stack.enter_async_context(live(self._house, stop, incoming=incoming))
        self._talk.attach(life.port)
        return life

    async def _boot(self, stop: Stop) -> Arrived:
        self._on_event(f"booting on {stop.build.name}")
        life = await self._start(stop, incoming=False)
        try:
            await life.qemu.execute("cont")
            await self._up(1)
            report = await self._settled()
            return Arrived(life, await self._reset(life, stop) if stop.reset else report)
        except (SilentError, QemuError) as error:
            message = f"{error.message} (on {stop.build.name})"
            raise NoBootError(message, life.qemu.log) from error

    async def _up(self, boots: int) -> None:
        await self._talk.wait(
            lambda speech: speech.boots >= boots,
            self._limits.boot,
            "the guest's kernel did not come up",
        )

    async def _settled(self) -> Report:
        """The guest's report, once it has beaten for a while."""
        first = len(self._talk.speech.beats)
        await self._talk.wait(
            lambda speech: len(speech.beats) >= first + _BEATS,
            self._limits.step,
            "the guest fell silent",
        )
        return await self._talk.report(self._limits.step)

    async def _reset(self, life: Life, stop: Stop) -> Report:
        self._on_event(f"resetting the guest on {stop.build.name}")
        boots = self._talk.speech.boots
        await life.qemu.reset()
        await self._up(boots + 1)
        return await self._settled()

    async def _hop(self, here: Arrived, source: Stop, target: Stop) -> tuple[Hop, Arrived | None]:
        self._on_event(f"migrating from {source.build.name} to {target.build.name}")
        try:
            there = await self._start(target, incoming=True)
        except QemuError as error:
            return unstarted_hop(source, target, error, here.life), None
        first = len(self._talk.speech.beats) - 1
        moved = await migrate(
            here.life.qemu,
            there.qemu,
            variant=self._house.variant,
            place=self._house.place,
            seconds=self._limits.step,
        )
        await here.life.qemu.end()  # the guest's next words are the target's
        hop = moved_hop(source, target, moved, here.life, there)
        if not moved.outcome.loads:
            return hop, None
        checks, report = await self._examine(first, here.report, there, target)
        arrived = None if report is None else Arrived(there, report)
        was_reset = target.reset and arrived is not None
        log = there.qemu.log
        return msgspec.structs.replace(
            hop, checks=checks, was_reset=was_reset, target_log=log
        ), arrived

    async def _examine(
        self, first: int, before: Report, there: Life, target: Stop
    ) -> tuple[tuple[Check, ...], Report | None]:
        """What the guest finds of itself; no report where it does not answer any more."""
        checks: tuple[Check, ...] = ()
        patterns = self._house.patterns
        what = "heartbeat"
        try:
            report = await self._settled()
            beats = self._talk.speech.beats[first:]
            checks += (check_heartbeat(beats), *compare_reports(before, report, patterns))
            if target.reset:
                what = "boot after reset"
                again = await self._reset(there, target)
                checks += compare_reports(before, again, patterns, was_reset=True)
                report = again
        except (SilentError, QemuError) as error:
            return (*checks, Check(what, "broken", "", error.message)), None
        return checks, report
