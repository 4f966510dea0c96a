"""The monitor of a QEMU that is not ours: its QMP socket gets questions, never orders.

`ALLOWED` is the only gate: what is not in it cannot be sent, whoever asks. `STOPPING` is one
exception, for a session that was opened for it: what it takes to write the device state. The other
end is not trusted either: every answer is bounded in size and time, and so is the whole session.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import stat
import struct
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qemu.qmp import ConnectError, ExecuteError, QMPClient, QMPError
from qemu.qmp.protocol import StateError

from qcompat.errors import CommandError, QemuError, QemuTimeoutError, UsageError
from qcompat.qemu.answers import checked

logging.getLogger("qemu.qmp").setLevel(logging.CRITICAL)

GREETING_SECONDS = 5.0
ANSWER_SECONDS = 10.0
SESSION_SECONDS = 60.0

ALLOWED: Mapping[str, frozenset[str] | None] = {
    "human-monitor-command": frozenset({"info qtree", "info ramblock"}),
    "qom-get": None,
    "qom-list": None,
    "query-commands": None,
    "query-cpus-fast": None,
    "query-kvm": None,
    "query-migrate": None,
    "query-name": None,
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

_BUSY = (
    "a QMP socket serves one client at a time: end the other client, or give QEMU a second monitor "
    "(-qmp unix:PATH,server=on,wait=off); without one: qcompat carry --argv /proc/PID/cmdline"
)


class Monitor:
    """An open session with a running QEMU; use `look_at`."""

    def __init__(
        self, client: QMPClient, pid: int | None, tried: frozenset[str], *, stops: bool = False
    ) -> None:
        self._client = client
        self._stops = stops
        self.tried = tried
        self.pid = pid
        """The process that made the socket: QEMU, or the one that passed the socket to QEMU."""

    async def ask(self, command: str, **arguments: Any) -> Any:
        """Send one of the allowed commands and return its answer.

        Raises `CommandError` with QEMU's words, `QemuTimeoutError`, `QemuError` where the
        session ended.
        """
        self._check(command, arguments)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._client.execute(command, arguments or None)
        except ExecuteError as error:
            raise CommandError(f"{command}: {error}") from error
        except TimeoutError as error:
            raise QemuTimeoutError(
                f"the running QEMU did not answer {command} within {ANSWER_SECONDS:.0f} s",
                "it may be hung or stopped; nothing was changed",
            ) from error
        except (QMPError, StateError, OSError, ValueError) as error:
            raise QemuError(f"the session with the running QEMU ended during {command}") from error
        return checked(command, answer)

    def _check(self, command: str, arguments: Mapping[str, Any]) -> None:
        lines = ALLOWED.get(command)
        line_is_allowed = lines is None or arguments.get("command-line") in lines
        is_allowed = command in ALLOWED and line_is_allowed
        may_stop = self._stops and command in STOPPING
        if not is_allowed and not may_stop and command not in DEBUGGING & self.tried:
            raise ValueError(f"{command} {arguments} may not be sent to a QEMU that is not ours")

    async def hand(self, descriptor: int, command: str, **arguments: Any) -> Any:
        """`ask` with an open file, which QEMU takes over as its own."""
        self._check(command, arguments)
        try:
            self._client.send_fd_scm(descriptor)
        except (QMPError, StateError, OSError, ValueError) as error:
            raise QemuError(f"the running QEMU takes no file with {command}: {error}") from error
        return await self.ask(command, **arguments)

    @contextlib.contextmanager
    def pauses(self) -> Iterator[list[float]]:
        """How long the guest stands still within this context: a list that its end fills, in ms.

        Each is from QEMU's event STOP to its event RESUME, by QEMU's own clock.
        """
        found: list[float] = []
        with self._client.listener(("STOP", "RESUME")) as events:
            yield found
            found += pauses_in(events.clear())

    async def monitor(self, line: str) -> str:
        """One allowed line of the human monitor, and its text."""
        return str(await self.ask("human-monitor-command", **{"command-line": line}))


@contextlib.asynccontextmanager
async def look_at(
    path: Path, tried: frozenset[str] = frozenset(), *, stops: bool = False
) -> AsyncIterator[Monitor]:
    """Open a session on the QMP socket at `path`, and close it on the way out.

    `tried` are those of `DEBUGGING` that a twin of this guest survived. Only with `stops` may the
    guest be stopped for a moment, by the commands in `STOPPING`.

    Errors: UsageError where there is no such socket, QemuError where QMP's greeting does not come;
    a socket that serves another client looks the same.
    """
    client = QMPClient()
    try:
        async with asyncio.timeout(SESSION_SECONDS):
            ours = await _connected(path)
            pid = _peer(ours)
            await _greet(client, ours, path)
            yield Monitor(client, pid, tried, stops=stops)
    except TimeoutError as error:
        raise QemuTimeoutError(
            f"{path} took more than {SESSION_SECONDS:.0f} s to answer", "nothing was changed"
        ) from error
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(client.disconnect(), 2)


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


async def _connected(path: Path) -> socket.socket:
    try:
        is_socket = stat.S_ISSOCK(path.stat().st_mode)
    except OSError as error:
        raise UsageError(f"cannot open {path}: {error.strerror}", _WHERE) from error
    if not is_socket:
        raise UsageError(f"{path} is not a socket", _WHERE)
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.setblocking(False)
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            await asyncio.get_running_loop().sock_connect(ours, _address(path))
    except TimeoutError:
        ours.close()
        raise _not_greeted(path) from None
    except OSError as error:
        ours.close()
        hint = _WHERE if isinstance(error, ConnectionRefusedError) else "check its permissions"
        raise UsageError(f"cannot connect to {path}: {error.strerror}", hint) from error
    return ours


_WHERE = "name the socket of QEMU's option -qmp unix:PATH (libvirt's are in /var/lib/libvirt/qemu)"


def _address(path: Path) -> str:
    """A name that fits: the kernel takes 107 bytes (linux/un.h)."""
    text = os.fspath(path)
    return text if len(os.fsencode(text)) <= 107 else os.path.relpath(text)


async def _greet(client: QMPClient, ours: socket.socket, path: Path) -> None:
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            await client.connect(ours)
    except TimeoutError as error:
        raise _not_greeted(path) from error
    except (ConnectError, QMPError, OSError, ValueError) as error:
        raise QemuError(
            f"{path} does not answer with QMP's greeting", "it is not a QMP socket"
        ) from error


def _not_greeted(path: Path) -> QemuError:
    return QemuError(
        f"{path} sent no greeting within {GREETING_SECONDS:g} s: another client holds this "
        "monitor, or it is not a QMP socket",
        _BUSY,
    )


def _peer(ours: socket.socket) -> int | None:
    """The process at the other end, as the kernel knows it (unix(7), SO_PEERCRED)."""
    size = struct.calcsize("3i")
    pid, _, _ = struct.unpack("3i", ours.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return pid or None
