"""One live guest's way: it boots at the first stop, and migrates from there to the last.

A hop ends well when the target loaded the guest; how the guest is then is in its checks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec

from qcompat.errors import EnvironmentError_, HostLacksError, QemuError
from qcompat.guest.guest import Uncovered
from qcompat.qemu.incoming import outcome_of
from qcompat.trial.live.agent.conversation import Conversation, SilentError
from qcompat.trial.live.agent.messages import GuestReport
from qcompat.trial.live.checks.compare import compare_reports
from qcompat.trial.live.checks.idle import idle_functions
from qcompat.trial.live.checks.work import check_heartbeat
from qcompat.trial.live.hotplug.kinds import offered
from qcompat.trial.live.hotplug.plugged import Plugged, check_seen, plug, unplug, unseen
from qcompat.trial.live.launch import RunningGuest, Setup, launch_guest
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Check, Hop
from qcompat.trial.wire.migrate import Transfer, migrate

_BEATS = 5
"""So many beats at a stop show that the guest works there."""


_NOTHING = Plugged()


class NoBootError(EnvironmentError_):
    """The guest's kernel did not come up at the first stop; `log` is what QEMU printed."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log


class Limits(msgspec.Struct, frozen=True):
    """Seconds that a boot may take, and any other step."""

    boot: float
    step: float


class _Arrived(msgspec.Struct, frozen=True):
    """Where the guest runs after a hop, what it reports there, and what is plugged into it."""

    running: RunningGuest
    report: GuestReport
    plugged: Plugged = _NOTHING


class Journey:
    """One guest's way over its stops; leaving its context ends every QEMU on it."""

    def __init__(self, setup: Setup, limits: Limits, on_event: Callable[[str], None]) -> None:
        self._setup, self._limits, self._on_event = setup, limits, on_event
        self._conversation = Conversation()
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
        self.uncovered = self._setup.guest(stops[0]).uncovered
        here = await self._boot(stops[0])
        self.uncovered += idle_functions(here.report)
        hops: list[Hop] = []
        for source, target in pairwise(stops):
            if self._setup.hotplug:
                here = await self._plug(here, source)
            hop, there = await self._hop(here, source, target)
            hops.append(hop)
            if there is None:
                break
            here = there
        return tuple(hops)

    async def _plug(self, here: _Arrived, stop: Stop) -> _Arrived:
        """Plug what the guest has a place for, before it leaves `stop`."""
        self._on_event(f"plugging devices on {stop.build.name}")
        guest, qemu = self._setup.guest(stop), here.running.qemu
        plugged = await plug(qemu, await offered(qemu, guest.options, stop.guest.machine))
        try:
            report = await self._probed()
            new = (*plugged.lost, *unseen(plugged.plugs, here.report, report))
        except SilentError as error:  # the next hop finds out whether it still works
            report, new = here.report, (Uncovered("hot-plugged devices", error.message, "nothing"),)
        self.uncovered = tuple(dict.fromkeys((*self.uncovered, *new)))
        return _Arrived(here.running, report, plugged)

    async def _probed(self) -> GuestReport:
        await self._conversation.probe(self._limits.step)
        return await self._settled()

    async def _unplug(
        self, there: RunningGuest, here: _Arrived, report: GuestReport
    ) -> tuple[tuple[Check, ...], GuestReport]:
        """What the guest has of what was plugged, and whether it lets go of it."""
        plugs = here.plugged.plugs
        seen = tuple(check_seen(plugs, here.report, report))
        gone = await unplug(there.qemu, plugs, self._limits.step)
        return (*seen, *gone), await self._probed()

    async def _start(
        self, stop: Stop, *, incoming: bool, plugged: Plugged = _NOTHING
    ) -> RunningGuest:
        starting = launch_guest(self._setup, stop, incoming=incoming, plugged=plugged.words)
        try:
            running = await self._stack.enter_async_context(starting)
        except HostLacksError as error:
            raise error.on(stop.build.name) from error
        self._conversation.attach(running.port)
        return running

    async def _boot(self, stop: Stop) -> _Arrived:
        self._on_event(f"booting on {stop.build.name}")
        running = await self._start(stop, incoming=False)
        try:
            await running.qemu.execute("cont")
            await self._up(1)
            report = await self._settled()
            return _Arrived(running, await self._reset(running, stop) if stop.reset else report)
        except (SilentError, QemuError) as error:
            message = f"{error.message} (on {stop.build.name})"
            raise NoBootError(message, running.qemu.log) from error

    async def _up(self, boots: int) -> None:
        await self._conversation.wait(
            lambda messages: messages.boots >= boots,
            self._limits.boot,
            "the guest's kernel did not come up",
        )

    async def _settled(self) -> GuestReport:
        """The guest's report, once its heart has beaten for a while."""
        first = len(self._conversation.messages.beats)
        await self._conversation.wait(
            lambda messages: len(messages.beats) >= first + _BEATS,
            self._limits.step,
            "the guest fell silent",
        )
        return await self._conversation.report(self._limits.step)

    async def _reset(self, running: RunningGuest, stop: Stop) -> GuestReport:
        self._on_event(f"resetting the guest on {stop.build.name}")
        boots = self._conversation.messages.boots
        await running.qemu.reset()
        await self._up(boots + 1)
        return await self._settled()

    async def _hop(self, here: _Arrived, source: Stop, target: Stop) -> tuple[Hop, _Arrived | None]:
        self._on_event(f"migrating from {source.build.name} to {target.build.name}")
        try:
            there = await self._start(target, incoming=True, plugged=here.plugged)
        except QemuError as error:
            return _unstarted(source, target, error, here.running), None
        first = len(self._conversation.messages.beats) - 1
        moved = await migrate(
            here.running.qemu,
            there.qemu,
            variant=self._setup.variant,
            place=self._setup.place,
            seconds=self._limits.step,
        )
        await here.running.qemu.end()  # the guest's next words are the target's
        hop = _moved(source, target, moved, here.running, there)
        if not moved.outcome.loads:
            return hop, None
        checks, report = await self._examine(first, here, there, target)
        arrived = None if report is None else _Arrived(there, report)
        was_reset = target.reset and arrived is not None
        log = there.qemu.log
        return msgspec.structs.replace(
            hop, checks=checks, was_reset=was_reset, target_log=log
        ), arrived

    async def _examine(
        self, first: int, here: _Arrived, there: RunningGuest, target: Stop
    ) -> tuple[tuple[Check, ...], GuestReport | None]:
        """What the guest finds of itself; no report where it no longer answers."""
        checks: tuple[Check, ...] = ()
        before, patterns = here.report, self._setup.patterns
        what = "heartbeat"
        try:
            report = await self._settled()
            beats = self._conversation.messages.beats[first:]
            checks += (check_heartbeat(beats), *compare_reports(before, report, patterns))
            if here.plugged.plugs:
                what = "hot plug"
                more, report = await self._unplug(there, here, report)
                checks, before = (*checks, *more), report
            if target.reset:
                what = "boot after reset"
                again = await self._reset(there, target)
                checks += compare_reports(before, again, patterns, was_reset=True)
                report = again
        except (SilentError, QemuError) as error:
            return (*checks, Check(what, "broken", "", error.message)), None
        return checks, report


def _moved(
    source: Stop, target: Stop, moved: Transfer, here: RunningGuest, there: RunningGuest
) -> Hop:
    return Hop(
        source=source.build.name,
        target=target.build.name,
        outcome=moved.outcome,
        downtime=moved.downtime,
        total=moved.total,
        source_log=here.qemu.log,
        target_log=there.qemu.log,
    )


def _unstarted(source: Stop, target: Stop, error: QemuError, here: RunningGuest) -> Hop:
    """The target does not start the guest."""
    return Hop(
        source=source.build.name,
        target=target.build.name,
        outcome=outcome_of(error),
        source_log=here.qemu.log,
        target_log=error.log,
    )
