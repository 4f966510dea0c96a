"""The monitor of a QEMU that is not ours: it gets questions, never orders.

`ALLOWED` is the only gate: what is not in it cannot be sent, whoever asks and however the monitor
is reached. `STOPPING` is one exception, for a session that was opened for it: what it takes to
write the device state. How the words get there is a `Session`: over a QMP socket (`qmp_socket`), or
through libvirt (`portrait.running.reach`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from qcompat.qemu.answers import checked

ALLOWED: Mapping[str, frozenset[str] | None] = {
    "human-monitor-command": frozenset({"info network", "info qtree", "info ramblock"}),
    "qom-get": None,
    "qom-list": None,
    "query-block": None,
    "query-chardev": None,
    "query-commands": None,
    "query-cpus-fast": None,
    "query-hotpluggable-cpus": None,
    "query-kvm": None,
    "query-migrate": None,
    "query-name": None,
    "query-named-block-nodes": None,
    "query-qmp-schema": None,
    "query-status": None,
    "query-uuid": None,
    "query-version": None,
}
"""The commands that may be sent, and the lines for the human monitor: none changes anything."""

DEBUGGING = frozenset({"x-query-virtio", "x-query-virtio-queue-status", "x-query-virtio-status"})
"""Commands that change nothing, but are for debugging; sent only where `tried` allows it.

Debian's 11.1.3 crashes on `x-query-virtio-status` (an assertion in qapi/qapi-visit-core.c),
whatever the device: a guest is asked only after a paused twin of it has survived the question.
"""

STOPPING = frozenset({"add-fd", "query-fdsets", "remove-fd", "xen-save-devices-state"})
"""Commands that stop the guest for a moment, and those around them (`device_state`)."""


class Session(Protocol):
    """A way to the monitor of one QEMU. It sends what it is given: the gate is `Monitor`.

    All of it raises `CommandError` with QEMU's words, `QemuTimeoutError` where no answer comes,
    and `QemuError` where the session ended or the answer is none.
    """

    @property
    def pid(self) -> int | None:
        """The process that made the socket: QEMU, or the one that passed the socket to QEMU."""
        ...

    @property
    def is_here(self) -> bool:
        """Whether the QEMU runs on this machine."""
        ...

    async def execute(self, command: str, arguments: Mapping[str, Any]) -> Any:
        """Send a command and return its answer, as yet unchecked."""
        ...

    async def hand(self, descriptor: int, command: str, arguments: Mapping[str, Any]) -> Any:
        """`execute` with an open file, which QEMU takes over as its own."""
        ...

    def pauses(self) -> AbstractAsyncContextManager[list[float]]:
        """How long the guest stands still within this context, in ms; empty where it is not told.

        The list is filled when the context ends. Each is from QEMU's event STOP to its event
        RESUME, by QEMU's own clock.
        """
        ...


class Monitor:
    """What may be asked of a running QEMU, over a `Session`.

    `tried` are those of `DEBUGGING` that a twin of this guest survived. Only where the session
    `stops` may the guest be stopped for a moment, by the commands in `STOPPING`.
    """

    def __init__(
        self, session: Session, tried: frozenset[str] = frozenset(), *, stops: bool = False
    ) -> None:
        self._session = session
        self._stops = stops
        self.tried = tried

    @property
    def pid(self) -> int | None:
        """The process that made the socket: QEMU, or the one that passed the socket to QEMU."""
        return self._session.pid

    @property
    def is_here(self) -> bool:
        """Whether the QEMU runs on this machine."""
        return self._session.is_here

    async def ask(self, command: str, **arguments: Any) -> Any:
        """Send one of the allowed commands and return its answer. Errors: as `Session`."""
        self._check(command, arguments)
        return checked(command, await self._session.execute(command, arguments))

    async def hand(self, descriptor: int, command: str, **arguments: Any) -> Any:
        """`ask` with an open file, which QEMU takes over as its own."""
        self._check(command, arguments)
        return checked(command, await self._session.hand(descriptor, command, arguments))

    def pauses(self) -> AbstractAsyncContextManager[list[float]]:
        """How long the guest stands still within this context; as `Session.pauses`."""
        return self._session.pauses()

    async def monitor(self, line: str) -> str:
        """One allowed line of the human monitor, and its text."""
        return str(await self.ask("human-monitor-command", **{"command-line": line}))

    def _check(self, command: str, arguments: Mapping[str, Any]) -> None:
        lines = ALLOWED.get(command)
        line_is_allowed = lines is None or arguments.get("command-line") in lines
        is_allowed = command in ALLOWED and line_is_allowed
        may_stop = self._stops and command in STOPPING
        if not is_allowed and not may_stop and command not in DEBUGGING & self.tried:
            raise ValueError(f"{command} {arguments} may not be sent to a QEMU that is not ours")


def pauses_in(events: Sequence[Mapping[str, Any]]) -> list[float]:
    """How long the guest stood still between events STOP and RESUME, in ms."""
    found: list[float] = []
    stopped: float | None = None
    for event in events:
        with contextlib.suppress(LookupError, TypeError, ValueError):
            at = (
                float(event["timestamp"]["seconds"]) * 1e3
                + event["timestamp"]["microseconds"] / 1e3
            )
            if event["event"] == "STOP":
                stopped = at
            elif stopped is not None:
                found.append(at - stopped)
                stopped = None
    return found
