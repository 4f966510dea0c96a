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
from qcompat.trial.live.checks.work import check_heartbeat
from qcompat.trial.live.launch import RunningGuest, Setup, launch_guest
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Check, Hop
from qcompat.trial.wire.migrate import Transfer, migrate

_BEATS = 5
"""So many beats at a stop show that the guest works there."""
_IDLE = "the guest's kernel has no driver for it: it is there, and is not exercised"


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
    """Where the guest runs after a hop, and what it reports there."""

    running: RunningGuest
    report: GuestReport


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
            hop, there = await self._hop(here, source, target)
            hops.append(hop)
            if there is None:
                break
            here = there
        return tuple(hops)

    async def _start(self, stop: Stop, *, incoming: bool) -> RunningGuest:
        starting = launch_guest(self._setup, stop, incoming=incoming)
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
            there = await self._start(target, incoming=True)
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
        checks, report = await self._examine(first, here.report, there, target)
        arrived = None if report is None else _Arrived(there, report)
        was_reset = target.reset and arrived is not None
        log = there.qemu.log
        return msgspec.structs.replace(
            hop, checks=checks, was_reset=was_reset, target_log=log
        ), arrived

    async def _examine(
        self, first: int, before: GuestReport, there: RunningGuest, target: Stop
    ) -> tuple[tuple[Check, ...], GuestReport | None]:
        """What the guest finds of itself; no report where it no longer answers."""
        checks: tuple[Check, ...] = ()
        patterns = self._setup.patterns
        what = "heartbeat"
        try:
            report = await self._settled()
            beats = self._conversation.messages.beats[first:]
            checks += (check_heartbeat(beats), *compare_reports(before, report, patterns))
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


def idle_functions(report: GuestReport) -> tuple[Uncovered, ...]:
    """The PCI functions that no driver of the guest took; host bridges need none."""
    return tuple(
        Uncovered(f"{address} {_identity(report, address)}", _IDLE, "nothing")
        for address in report.text("idle").split()
        if not _is_bridge(report, address)
    )


def _identity(report: GuestReport, address: str) -> str:
    config = report.files[f"pci/{address}"]
    vendor, device = (int.from_bytes(config[at : at + 2], "little") for at in (0, 2))
    return f"({vendor:04x}:{device:04x})"


def _is_bridge(report: GuestReport, address: str) -> bool:
    """Class 06 of the PCI class codes."""
    return report.files[f"pci/{address}"][11] == 6
