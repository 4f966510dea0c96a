"""Calls of virsh, libvirt's client: bounded in time and size, and ended with this process.

virsh it is, and not libvirt's Python binding, because every host with libvirt has it, it needs no
library of this interpreter's, and it reaches other machines (`qemu+ssh://`). It gets words, never a
line for a shell; what a user names stands behind `=`, where a leading dash means nothing. The price
is a process for a question, and over ssh a login.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec

from qcompat.builds.run.tether import tethered
from qcompat.errors import LibvirtError
from qcompat.local.uninterrupted import uninterrupted
from qcompat.qemu.launch import start

MOST_BYTES = 16 << 20
"""The longest answer that is read; libvirt itself takes 10 MiB from QEMU (qemu_monitor.c)."""
_MOST_ERROR = 1 << 16
_SECONDS_TO_END = 2.0
_SECONDS_TO_LISTEN = 0.5


class Done(msgspec.Struct, frozen=True):
    """What virsh printed, and its exit code."""

    code: int
    out: bytes
    error: str

    @property
    def reason(self) -> str:
        """Its error in one line, as far as it gave one."""
        lines = [line.strip() for line in self.error.splitlines() if line.strip()]
        told = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        return (told or lines or [f"it ended with code {self.code}"])[-1]


async def virsh(
    connect: str, words: Sequence[str], *, seconds: float, inherit: Sequence[int] = ()
) -> Done:
    """Call virsh on a connection (empty: its default), with open files that it inherits.

    Raises LibvirtError where there is no virsh, and where it does not end in time or prints
    without end.
    """
    async with _started(connect, words, inherit) as process:
        try:
            async with asyncio.timeout(seconds):
                return await _done(process)
        except TimeoutError as error:
            raise LibvirtError(
                f"virsh {words[0]} did not end within {seconds:g} s", "is libvirt's daemon alive?"
            ) from error


@contextlib.asynccontextmanager
async def listening(
    connect: str, words: Sequence[str]
) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Let virsh listen for what a domain tells; what it printed so far is had by the call, once.

    It does not say when it has begun to listen, so it is given a moment for that. Where it prints
    without end, nothing is told.
    """
    async with _started(connect, words) as process:
        assert process.stdout is not None
        printed = process.stdout

        async def told() -> str:
            await asyncio.sleep(_SECONDS_TO_LISTEN)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(LibvirtError, TimeoutError):
                async with asyncio.timeout(_SECONDS_TO_END):
                    return (await _read(printed, _MOST_ERROR)).decode(errors="replace")
            return ""

        await asyncio.sleep(_SECONDS_TO_LISTEN)
        yield told


@contextlib.asynccontextmanager
async def _started(
    connect: str, words: Sequence[str], inherit: Sequence[int] = ()
) -> AsyncIterator[Process]:
    program = shutil.which("virsh")
    if program is None:
        raise LibvirtError(
            "a libvirt domain is reached through virsh, which is not on this machine's PATH",
            "install it (Debian: libvirt-clients), or reach the guest by --pid or --qmp",
        )
    connection = [f"--connect={connect}"] if connect else []
    called = ["env", "LC_ALL=C", program, "--quiet", *connection, *words]
    process = await start(tethered(called), inherit, stdout=PIPE)
    try:
        yield process
    finally:
        await uninterrupted(_end(process))


async def _done(process: Process) -> Done:
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.TaskGroup() as group:
            out = group.create_task(_read(process.stdout, MOST_BYTES))
            error = group.create_task(_read(process.stderr, _MOST_ERROR))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    code = await process.wait()
    return Done(code, out.result(), error.result().decode(errors="replace"))


async def _read(stream: asyncio.StreamReader, most: int) -> bytes:
    found = bytearray()
    while piece := await stream.read(1 << 16):
        found += piece
        if len(found) > most:
            raise LibvirtError(f"virsh printed more than {most >> 10} KiB", "is it libvirt's?")
    return bytes(found)


async def _end(process: Process) -> None:
    """Kill its whole session, and take what is left in its pipes, which closes them."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.communicate(), _SECONDS_TO_END)
