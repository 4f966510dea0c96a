"""Saving the migration stream of a paused guest, and loading one.

The stream goes through a pipe: releases from 11 refuse `fd:` with a plain file, older ones
have no `file:`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, BinaryIO

from qcompat.errors import CommandError, QemuError, QemuTimeoutError
from qcompat.qemu.process import Qemu

SAVE_SECONDS = 120.0
LOAD_SECONDS = 120.0
_UNLIMITED = 1 << 40
_CHUNK = 1 << 20
_NAME = "qcompat-stream"
_GRACE = 0.2


async def save(qemu: Qemu, into: BinaryIO, *, seconds: float = SAVE_SECONDS) -> None:
    """Write the guest's migration stream to the file `into`.

    Raises `CommandError` with QEMU's reason when it refuses or fails (a device that cannot be
    migrated), `QemuTimeoutError` when it does not finish.
    """
    await qemu.execute("migrate-set-parameters", {"max-bandwidth": _UNLIMITED})
    async with _pump_from(qemu, into):
        await qemu.execute("migrate", {"uri": f"fd:{_NAME}"})
        status = await _outcome(qemu, seconds)
    if status["status"] != "completed":
        reason = status.get("error-desc") or qemu.complaint or f"status {status['status']}"
        raise CommandError(f"the migration failed: {reason}", log=qemu.log)


async def load(qemu: Qemu, source: BinaryIO, *, seconds: float = LOAD_SECONDS) -> None:
    """Load the migration stream in the file `source` into a QEMU that waits for it.

    The QEMU was started with `-incoming defer`. A refused stream ends it (`QemuDiedError`)
    or leaves it waiting (`CommandError`); both carry QEMU's reason.
    """
    async with _pump_to(qemu, source):
        await qemu.execute("migrate-incoming", {"uri": f"fd:{_NAME}"})
        status = await _outcome(qemu, seconds)
    if status["status"] != "completed":
        reason = qemu.complaint or status.get("error-desc") or f"status {status['status']}"
        raise CommandError(f"the load failed: {reason}", log=qemu.log)


def _pump_from(qemu: Qemu, into: BinaryIO) -> AbstractAsyncContextManager[None]:
    """Copy what QEMU writes to its end of a pipe into a file, to the end."""
    ours, theirs = os.pipe()
    return _pump(qemu, theirs, lambda: _drain(ours, into))


def _pump_to(qemu: Qemu, source: BinaryIO) -> AbstractAsyncContextManager[None]:
    """Copy a file into QEMU's end of a pipe, as far as QEMU reads it."""
    theirs, ours = os.pipe()
    return _pump(qemu, theirs, lambda: _fill(source, ours))


@contextlib.asynccontextmanager
async def _pump(qemu: Qemu, theirs: int, copy: Callable[[], None]) -> AsyncIterator[None]:
    copying = asyncio.create_task(asyncio.to_thread(copy))
    try:
        await _give(qemu, theirs)
        yield
    finally:
        await _finish(qemu, copying)


async def _give(qemu: Qemu, descriptor: int) -> None:
    """Hand a descriptor over for good."""
    try:
        await qemu.give(descriptor, _NAME)
    finally:
        os.close(descriptor)


async def _finish(qemu: Qemu, copying: asyncio.Task[None]) -> None:
    """Wait for the copy to end; kill a QEMU that keeps its end of the pipe open.

    One that refused the command still has the descriptor under its name, so it gets `closefd`.
    """
    if not copying.done():
        await asyncio.wait([copying], timeout=_GRACE)
    if not copying.done():
        with contextlib.suppress(QemuError):
            await qemu.execute("closefd", {"fdname": _NAME}, seconds=_GRACE)
            await asyncio.wait([copying], timeout=_GRACE)
    if not copying.done():
        await qemu.kill()
    await copying


def _drain(descriptor: int, into: BinaryIO) -> None:
    with open(descriptor, "rb", buffering=0) as pipe:
        while data := pipe.read(_CHUNK):
            into.write(data)


def _fill(source: BinaryIO, descriptor: int) -> None:
    with (
        contextlib.suppress(BrokenPipeError),
        open(descriptor, "wb", buffering=0) as pipe,
    ):
        while data := source.read(_CHUNK):
            view = memoryview(data)
            while view:
                view = view[pipe.write(view) :]


async def _outcome(qemu: Qemu, seconds: float) -> dict[str, Any]:
    pause = 0.002
    try:
        async with asyncio.timeout(seconds):
            while True:
                status: dict[str, Any] = await qemu.execute("query-migrate")
                if status.get("status") in ("completed", "failed", "cancelled"):
                    return status
                await asyncio.sleep(pause)
                pause = min(pause * 1.3, 0.05)
    except TimeoutError as error:
        raise QemuTimeoutError(
            f"the migration did not finish within {seconds:.0f} s", log=qemu.log
        ) from error
