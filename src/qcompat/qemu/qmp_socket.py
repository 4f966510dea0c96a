"""A session over a QMP socket of a QEMU that is not ours.

The other end is not trusted: every answer is bounded in size and time, and so is the whole session.
The kernel closes the socket whatever ends this process, so nothing stays attached to the monitor.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import stat
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

from qemu.qmp import ConnectError, ExecuteError, Message, QMPClient, QMPError
from qemu.qmp.protocol import StateError

from qcompat.errors import CommandError, QemuError, QemuTimeoutError, UsageError
from qcompat.qemu.monitor import STOPPING, Monitor, pauses_in

logging.getLogger("qemu.qmp").setLevel(logging.CRITICAL)

GREETING_SECONDS = 5.0
ANSWER_SECONDS = 10.0
SESSION_SECONDS = 60.0

_BUSY = (
    "a QMP socket serves one client at a time: end the other client, or give QEMU a second monitor "
    "(-qmp unix:PATH,server=on,wait=off); if libvirt holds it, name the domain: --domain NAME"
)
_WHERE = (
    "name the socket of QEMU's option -qmp unix:PATH; a domain of libvirt is named by --domain NAME"
)
_MOST_EVENTS = 1000
_LONGEST = 107
"""Bytes that the name of a socket may have (linux/un.h)."""


class QmpSession:
    """An open session; use `look_at`."""

    is_here = True

    def __init__(self, client: QMPClient, pid: int | None) -> None:
        self._client = client
        self.pid = pid

    async def execute(self, command: str, arguments: Mapping[str, Any]) -> Any:
        """As `Session`."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._client.execute(command, dict(arguments) or None)
        except ExecuteError as error:
            raise CommandError(f"{command}: {error}") from error
        except TimeoutError as error:
            raise QemuTimeoutError(
                f"the running QEMU did not answer {command} within {ANSWER_SECONDS:.0f} s",
                "it may be hung; see whether the guest runs"
                if command in STOPPING
                else "it may be hung or stopped; nothing was changed",
            ) from error
        except (QMPError, StateError, OSError, ValueError) as error:
            raise QemuError(
                f"the session with the running QEMU ended during {command}",
                "that QEMU ended, or what listens there is none",
            ) from error

    async def hand(self, descriptor: int, command: str, arguments: Mapping[str, Any]) -> Any:
        """As `Session`; the open file goes ahead of the command (SCM_RIGHTS)."""
        try:
            self._client.send_fd_scm(descriptor)
        except (QMPError, StateError, OSError, ValueError) as error:
            raise QemuError(f"the running QEMU takes no file with {command}: {error}") from error
        return await self.execute(command, arguments)

    @contextlib.asynccontextmanager
    async def pauses(self) -> AsyncIterator[list[float]]:
        """As `Session`."""
        found: list[float] = []
        seen = itertools.count()

        def is_wanted(_: Message) -> bool:
            return next(seen) < _MOST_EVENTS

        with self._client.listener(("STOP", "RESUME"), is_wanted) as events:
            yield found
            found += pauses_in(events.clear())


@contextlib.asynccontextmanager
async def look_at(
    path: Path, tried: frozenset[str] = frozenset(), *, stops: bool = False
) -> AsyncIterator[Monitor]:
    """Open a session on the QMP socket at `path`, and close it on the way out.

    `tried` and `stops` are as in `Monitor`. A path that begins with a zero byte is a name in the
    abstract namespace (unix(7)).

    Errors: UsageError where there is no such socket, QemuError where QMP's greeting does not come;
    a socket that serves another client looks the same.
    """
    client = QMPClient()
    client.events.event_filter = lambda _: False  # nobody reads them: a flood fills no memory
    try:
        async with asyncio.timeout(SESSION_SECONDS):
            ours = await _connected(path)
            pid = _peer(ours)
            await _greet(client, ours, path)
            yield Monitor(QmpSession(client, pid), tried, stops=stops)
    except TimeoutError as error:
        raise QemuTimeoutError(
            f"{shown(path)} took more than {SESSION_SECONDS:.0f} s to answer", "nothing was changed"
        ) from error
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(client.disconnect(), 2)


def shown(path: Path) -> str:
    """The path; a name in the abstract namespace has `@` in front, as ss(8) shows it."""
    text = os.fspath(path)
    return f"@{text[1:]}" if text.startswith("\0") else text


async def _connected(path: Path) -> socket.socket:
    _check_is_socket(path)
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.setblocking(False)
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            with _address(path) as address:
                await asyncio.get_running_loop().sock_connect(ours, address)
    except TimeoutError:
        ours.close()
        raise _not_greeted(path) from None
    except OSError as error:
        ours.close()
        hint = _WHERE if isinstance(error, ConnectionRefusedError) else "check its permissions"
        raise UsageError(f"cannot connect to {shown(path)}: {error.strerror}", hint) from error
    except BaseException:
        ours.close()
        raise
    return ours


def _check_is_socket(path: Path) -> None:
    if os.fspath(path).startswith("\0"):
        return
    try:
        is_socket = stat.S_ISSOCK(path.stat().st_mode)
    except OSError as error:
        raise UsageError(f"cannot open {path}: {error.strerror}", _WHERE) from error
    if not is_socket:
        raise UsageError(f"{path} is not a socket", _WHERE)


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """A name that fits; a long one goes by its open directory."""
    text = os.fspath(path)
    if len(os.fsencode(text)) <= _LONGEST:
        yield text
        return
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


async def _greet(client: QMPClient, ours: socket.socket, path: Path) -> None:
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            await client.connect(ours)
    except TimeoutError as error:
        raise _not_greeted(path) from error
    except (ConnectError, QMPError, OSError, ValueError) as error:
        raise QemuError(
            f"{shown(path)} does not answer with QMP's greeting", "it is not a QMP socket"
        ) from error


def _not_greeted(path: Path) -> QemuError:
    return QemuError(
        f"{shown(path)} sent no greeting within {GREETING_SECONDS:g} s: another client holds this "
        "monitor, or it is not a QMP socket",
        _BUSY,
    )


def _peer(ours: socket.socket) -> int | None:
    """The process at the other end, as the kernel knows it (unix(7), SO_PEERCRED)."""
    size = struct.calcsize("3i")
    pid, _, _ = struct.unpack("3i", ours.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return pid or None
