"""Starting a QEMU: its private sockets, the arguments of the session, and its end.

QMP and qtest run over socket pairs that QEMU inherits, so no socket ever has a name in the
file system. How a build is wrapped is `builds.run.command`; the running QEMU is `process`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from types import TracebackType

from qcompat.errors import BuildError, LaunchError
from qcompat.local.uninterrupted import uninterrupted
from qcompat.qemu.log import Log
from qcompat.qemu.memory_watch import watched
from qcompat.qemu.patience import Patience
from qcompat.qemu.process import Qemu
from qcompat.qemu.shortage import shortage_in
from qcompat.qemu.start_status import StartStatus
from qcompat.qemu.supplies.supplies import supplied


class _Pair:
    """A socket pair: one end for us, one for QEMU to inherit."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)

    def __enter__(self) -> _Pair:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.theirs.close()
        if kind is not None:
            self.ours.close()


def _session_arguments(qmp: int, qtest: int) -> list[str]:
    """The chardev must be called `qtest`: 7.2 looks for that name whatever `-qtest` says."""
    return [
        *("-no-user-config", "-S", "-display", "none"),
        *("-chardev", f"socket,id=qcompat-qmp,fd={qmp}"),
        *("-mon", "chardev=qcompat-qmp,mode=control"),
        *("-chardev", f"socket,id=qtest,fd={qtest}"),
        *("-qtest", "chardev:qtest", "-qtest-log", "none"),
    ]


@contextlib.asynccontextmanager
async def launch(
    command: Sequence[str],
    arguments: Sequence[str],
    *,
    inherit: Sequence[int] = (),
    patience: Patience | None = None,
) -> AsyncIterator[Qemu]:
    """Start a paused QEMU and yield it, connected; end it on the way out.

    `command` starts the build (see `builds.run.command`), `arguments` describe the guest and the
    accelerator. `inherit` are open files that the arguments name by number; the caller closes them.
    `patience` is shared by several that are asked the same. Raises `LaunchError` when QEMU refuses
    them, `HostLacksError` when it does so for want of something of this machine or takes too much
    of its memory (`memory_watch`), `QemuTimeoutError` when it hangs, `BuildError` when it was never
    started or is too slow (`patience`).
    """
    spent = patience or Patience()
    async with supplied(command, arguments) as supplies:
        with _Pair() as qmp, _Pair() as qtest, StartStatus(supplies.command) as status:
            sockets = (qmp.theirs.fileno(), qtest.theirs.fileno())
            words = [*status.words, *_session_arguments(*sockets), *supplies.arguments]
            inherited = (*sockets, status.theirs, *inherit, *supplies.descriptors)
            process = await start(words, inherited)
            qemu = Qemu(process, Log(), spent)
            try:
                qmp.theirs.close()
                qtest.theirs.close()
                async with watched(qemu):
                    await _connect(qemu, qmp, qtest, status)
                    yield qemu
            finally:
                await uninterrupted(qemu.end())


async def _connect(qemu: Qemu, qmp: _Pair, qtest: _Pair, status: StartStatus) -> None:
    try:
        await qemu.connect(qmp.ours, qtest.ours)
    except LaunchError as error:
        if status.has_run(qemu.exit_code):
            if shortage := shortage_in(qemu.last_word, qemu.log):
                raise shortage.error(qemu.log) from error
            raise
        raise BuildError(
            f"the build could not be started: {qemu.last_word}",
            "check it with `qcompat builds list`, and allow bubblewrap its namespaces"
            " (kernel.unprivileged_userns_clone=1)",
        ) from error


async def start(words: Sequence[str], inherit: Sequence[int], *, stdout: int = DEVNULL) -> Process:
    """Start `words` as the leader of a session of its own, with a pipe from its standard error.

    If the start is cancelled, asyncio would kill the leader alone and leave its children behind;
    here the start is finished first, and then the whole process group is killed.
    """
    started: list[Process] = []

    async def begin() -> None:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=DEVNULL,
            stdout=stdout,
            stderr=PIPE,
            pass_fds=inherit,
            start_new_session=True,
            cwd="/",
        )
        started.append(process)

    try:
        await uninterrupted(begin())
    except asyncio.CancelledError:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await uninterrupted(process.wait())
        raise
    return started[0]
