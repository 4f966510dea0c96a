"""The device state of a running guest, as its QEMU writes it now, without the guest's memory.

`xen-save-devices-state` is in every build, with or without Xen: it stops the guest, writes the
sections that a migration would send after memory, and lets it run on (migration/savevm.c,
qmp_xen_save_devices_state of 5.2 to 10.2). It wants a file name; an open file of ours has one in
QEMU, `/dev/fdset/N`, so nothing on the host needs a name and no confinement has a say.

    device state    magic, version; a FULL section for each device; the end mark

Where it does harm, it is not asked:
- A device that cannot be migrated (NVMe up to 10.2) has no fields to write, and QEMU dies of it:
  the command does not look for blockers as a migration does (measured). A guest with one is left
  alone; builds before 6.0 do not tell of them (`tells_blockers`).
- With `live`, a guest that is *not* running loses its disks (bdrv_inactivate_all): never set.
- A suspended guest would not be woken again (vm_stop of 9.0 and later): states in `_FIT` alone.

A background snapshot is no substitute where the command is denied: it sets a capability on a QEMU
that is not ours, sends all of the guest's memory, and needs userfaultfd.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec

from qcompat.errors import CommandError, QemuError, UsageError
from qcompat.local.uninterrupted import stopped

COMMAND = "xen-save-devices-state"
MOST_BYTES = 256 << 20
"""The largest state that is taken; that of a guest with a dozen devices has 200 kB."""
_OPAQUE = "qcompat device state"
_FIT = ("running", "paused", "prelaunch")
_IDLE = frozenset({"", "none", "completed", "failed", "cancelled"})
_WATCH_SECONDS = 0.01


class Channel(Protocol):
    """A session that may stop the guest for a moment (`qemu.monitor.Monitor` is one)."""

    async def ask(self, command: str, **arguments: Any) -> Any:
        """The answer to one command. Errors: CommandError, QemuTimeoutError, QemuError."""
        ...

    async def hand(self, descriptor: int, command: str, **arguments: Any) -> Any:
        """The same, with an open file that QEMU takes over."""
        ...

    def pauses(self) -> AbstractAsyncContextManager[list[float]]:
        """How often and how long the guest stood still meanwhile, in ms; empty: not told."""
        ...


class DeviceState(msgspec.Struct, frozen=True):
    """The device state of a guest at one moment.

    `content` begins with a stream's magic and ends with its end mark. `pause` is how long the
    guest stood still for it, in milliseconds: by QEMU's own events where `is_told`, else no longer
    than the whole question took. It is 0 for a guest that was not running. `blocked` is why QEMU
    would not migrate the guest now; then nothing was taken.
    """

    content: bytes
    pause: float
    is_told: bool
    blocked: tuple[str, ...] = ()


async def take_device_state(channel: Channel) -> DeviceState:
    """Stop the guest for a millisecond or two, and have QEMU write its device state.

    A guest that QEMU would not migrate is not stopped. Before: make sure that a twin of it can be
    saved, and where QEMU does not tell of blockers, that the twin has all of its devices.

    Raises UsageError where the guest is in no state to be asked, CommandError with QEMU's words
    where its build or a policy denies it, QemuTimeoutError, QemuError.
    """
    status, blocked = await _fit(channel)
    if blocked:
        return DeviceState(b"", 0.0, is_told=False, blocked=blocked)
    await _remove_left(channel)
    with _file() as (ours, theirs):
        start = time.monotonic()
        async with channel.pauses() as pauses:
            await _write(channel, ours, theirs)
        took = (time.monotonic() - start) * 1e3
        content = os.pread(ours, min(os.fstat(ours).st_size, MOST_BYTES), 0)
    await _check_afterwards(channel, status)
    pause = sum(pauses) if pauses else took
    return DeviceState(content, pause if status == "running" else 0.0, bool(pauses))


async def tells_blockers(channel: Channel) -> bool:
    """Whether this QEMU says why it would not migrate its guest (since 6.0)."""
    schema = await channel.ask("query-qmp-schema")
    members = [m for each in schema if isinstance(each, dict) for m in each.get("members") or ()]
    return any(isinstance(m, dict) and m.get("name") == "blocked-reasons" for m in members)


async def _fit(channel: Channel) -> tuple[str, tuple[str, ...]]:
    """The guest's state, and why QEMU would not migrate it. Raises UsageError."""
    status = await _text(channel, "query-status", "status")
    if status not in _FIT:
        raise UsageError(
            f"the guest is in the state {status!r}, in which its device state cannot be taken",
            f"wait until it is one of: {', '.join(_FIT)}",
        )
    migration = await channel.ask("query-migrate")
    told = migration if isinstance(migration, dict) else {}
    if (moving := str(told.get("status", ""))) not in _IDLE:
        raise UsageError(
            f"the guest is in a migration (its state: {moving!r})", "wait until that has ended"
        )
    blocked = told.get("blocked-reasons")
    return status, tuple(map(str, blocked)) if isinstance(blocked, list) else ()


async def _text(channel: Channel, command: str, key: str) -> str:
    answer = await channel.ask(command)
    return str(answer.get(key, "")) if isinstance(answer, dict) else ""


async def _remove_left(channel: Channel) -> None:
    """Remove the open file of one of us that was killed in the middle (9.1 and later keep it)."""
    with contextlib.suppress(CommandError, LookupError, TypeError, AttributeError):
        for files in await channel.ask("query-fdsets"):
            if any(file.get("opaque") == _OPAQUE for file in files["fds"]):
                await channel.ask("remove-fd", **{"fdset-id": files["fdset-id"]})


@contextlib.contextmanager
def _file() -> Iterator[tuple[int, int]]:
    """A file without a name, open for us, and open for writing only.

    QEMU looks for an open file with just the flags that it would open it with (monitor/fds.c,
    monitor_fdset_dup_fd_add), and truncates it, which a pipe refuses.
    """
    ours = os.memfd_create("qcompat-state", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        theirs = os.open(f"/proc/self/fd/{ours}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            yield ours, theirs
        finally:
            os.close(theirs)
    finally:
        os.close(ours)


async def _write(channel: Channel, ours: int, theirs: int) -> None:
    added = await channel.hand(theirs, "add-fd", opaque=_OPAQUE)
    try:
        number = int(added["fdset-id"])
    except (LookupError, TypeError, ValueError) as error:
        raise QemuError("the running QEMU did not say under which number it has a file") from error
    try:
        async with _bounded(ours):
            await channel.ask(COMMAND, filename=f"/dev/fdset/{number}", live=False)
    except CommandError as error:
        await channel.ask("remove-fd", **{"fdset-id": number})
        raise CommandError(
            f"the running QEMU does not write its device state: {error.message}",
            "this needs a build that has the command, and a monitor that may use it; without it,"
            " compare portraits: qcompat check",
        ) from error
    await channel.ask("remove-fd", **{"fdset-id": number})


@contextlib.asynccontextmanager
async def _bounded(file: int) -> AsyncIterator[None]:
    """Whatever writes into the file, it gets no larger than `MOST_BYTES` and what slips through."""
    watching = asyncio.create_task(_watch(file))
    try:
        yield
    finally:
        try:
            await stopped(watching)
        finally:
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    if os.fstat(file).st_size > MOST_BYTES:
        raise QemuError(
            f"the device state of the running guest is larger than {MOST_BYTES >> 20} MiB",
            "a device of it keeps much (a display's resources): compare portraits: qcompat check",
        )


async def _watch(file: int) -> None:
    while os.fstat(file).st_size <= MOST_BYTES:
        await asyncio.sleep(_WATCH_SECONDS)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)


async def _check_afterwards(channel: Channel, before: str) -> None:
    """Whoever runs the guest must know at once if it does not run on."""
    after = await _text(channel, "query-status", "status")
    if after != before:
        raise QemuError(
            f"the guest was {before} before its device state was taken, and is {after} now",
            "look at it: in QEMU's monitor `cont`, with libvirt `virsh resume DOMAIN`",
        )
