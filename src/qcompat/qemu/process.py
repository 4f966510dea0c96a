"""One running QEMU: questions over QMP and qtest, and its certain end.

What is asked is not decided here. How it is started is `launch`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from typing import Any

from qemu.qmp import ConnectError, ExecInterruptedError, ExecuteError, QMPClient, QMPError

from qcompat.errors import (
    CommandError,
    LaunchError,
    QcompatError,
    QemuDiedError,
    QemuTimeoutError,
)
from qcompat.qemu.answers import checked
from qcompat.qemu.log import Log
from qcompat.qemu.patience import Patience
from qcompat.qemu.qtest import LINE_LIMIT, Qtest
from qcompat.qemu.shortage import shortage_in

logging.getLogger("qemu.qmp").setLevel(logging.CRITICAL)

START_SECONDS = 30.0
ANSWER_SECONDS = 30.0
_FREE_START = 2.0
"""Seconds of a start that spend no patience."""
_RESET_QUESTIONS = 5_000


class Qemu:
    """A running QEMU. Use `launch`; leaving its context ends the process."""

    def __init__(
        self, process: asyncio.subprocess.Process, log: Log, patience: Patience | None = None
    ) -> None:
        self._process = process
        self._log = log
        self._patience = patience or Patience()
        self._client = QMPClient()
        self._qtest: Qtest | None = None
        self._is_killed = False
        assert process.stderr is not None
        self._follower = asyncio.create_task(log.follow(process.stderr))

    @property
    def pid(self) -> int:
        """The process, which leads its own process group."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What QEMU printed so far."""
        return self._log.text

    @property
    def complaint(self) -> str:
        """What QEMU printed so far, without its warnings."""
        return self._log.complaint

    @property
    def client(self) -> QMPClient:
        """The QMP session."""
        return self._client

    @property
    def qtest(self) -> Qtest:
        """The qtest session."""
        assert self._qtest is not None
        return self._qtest

    async def connect(self, qmp: socket.socket, qtest: socket.socket) -> None:
        """Connect to QEMU over both pairs. Errors: LaunchError if it ended instead."""
        try:
            with self._patience.waiting(START_SECONDS, _FREE_START) as most:
                await self._connect(qmp, qtest, most)
        except TimeoutError as error:
            raise QemuTimeoutError(
                f"QEMU did not open its monitor within {START_SECONDS:.0f} s",
                "it hangs at start; run the build by hand with the same arguments",
                log=self.log,
            ) from error
        except (ConnectError, OSError) as error:
            await self._settle()
            said = self.last_word
            raise LaunchError(f"QEMU refused to start: {said}", log=self.log, said=said) from error

    async def _connect(self, qmp: socket.socket, qtest: socket.socket, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            await self._client.connect(qmp)
            reader, writer = await asyncio.open_connection(sock=qtest, limit=LINE_LIMIT)
        self._qtest = Qtest(reader, writer, self._patience)

    @property
    def exit_code(self) -> int | None:
        """How it ended, -N for signal N; None while it runs."""
        return self._process.returncode

    @property
    def last_word(self) -> str:
        """Why QEMU ended: its own error, or its exit status."""
        code = self._process.returncode
        status = f"signal {-code}" if code and code < 0 else f"exit status {code}"
        if code is not None and code > 128:
            status = f"signal {code - 128}"
        return self.complaint or f"it ended with {status} and said nothing"

    async def execute(
        self,
        command: str,
        arguments: dict[str, Any] | None = None,
        *,
        seconds: float = ANSWER_SECONDS,
    ) -> Any:
        """Run one QMP command and return its answer.

        Raises `CommandError` with QEMU's words, `QemuDiedError` when it ended meanwhile
        (`HostLacksError` where this machine ended it), `QemuTimeoutError` after `seconds`.
        """
        try:
            with self._patience.waiting(seconds) as most:
                async with asyncio.timeout(most):
                    answer = await self._client.execute(command, arguments)
        except ExecuteError as error:
            raise CommandError(f"{command}: {error}", log=self.log) from error
        except TimeoutError as error:
            raise QemuTimeoutError(
                f"QEMU did not answer {command} within {seconds:.0f} s", log=self.log
            ) from error
        except (ExecInterruptedError, QMPError, OSError) as error:
            raise await self._died(f"during {command}") from error
        return checked(command, answer)

    async def monitor(self, line: str) -> str:
        """Run one human monitor command and return its text."""
        answer = await self.execute("human-monitor-command", {"command-line": line})
        return str(answer)

    async def reset(self) -> None:
        """Reset the machine, paused or not, and return when it is done.

        `system_reset` only requests it: the main loop resets after it has answered
        (qmp_system_reset, softmmu/runstate.c of 7.2), so the next command may come first.
        """
        with self._client.listener("RESET") as events:
            await self.execute("system_reset")
            for _ in range(_RESET_QUESTIONS):
                if not events.empty():
                    return
                await self.execute("query-status")
                await asyncio.sleep(0.002)
        raise QemuTimeoutError("QEMU was asked to reset, and did not", log=self.log)

    async def give(self, descriptor: int, name: str) -> None:
        """Pass an open file to QEMU under `name`, for `fd:NAME`."""
        try:
            self._client.send_fd_scm(descriptor)
        except (QMPError, OSError) as error:
            raise await self._died(f"before it took {name}") from error
        await self.execute("getfd", {"fdname": name})

    async def _died(self, when: str) -> QcompatError:
        """The error of a QEMU that ended in the middle of a question."""
        begun = time.monotonic()
        await self._settle()
        self._patience.died(time.monotonic() - begun)
        shortage = shortage_in(self.last_word, self.log, has_started=True)
        if shortage and not self._is_killed:
            return shortage.error(self.log)
        return QemuDiedError(f"QEMU ended {when}: {self.last_word}", log=self.log)

    async def kill(self) -> None:
        """End the process at once and reap it."""
        if self._process.returncode is None:
            self._kill_group()
        await self._settle()

    def _kill_group(self) -> None:
        self._is_killed = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """End the process, whatever state it is in, and close both sessions."""
        await self.kill()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._client.disconnect(), 2)
        if self._qtest is not None:
            await self._qtest.close()

    async def _settle(self) -> None:
        """Wait until the process is gone and its log is read; kill it if it stays."""
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._kill_group()
            await self._process.wait()
        await asyncio.wait([self._follower], timeout=2)
        self._follower.cancel()
