"""A watch over the memory of this machine while a QEMU runs: it never gets most of it.

A twin needs some 50 MB, whatever the size of its guest, and QEMU's bitmaps some 130 MB for each
TB. What goes beyond that (memory that a guest fills, tables of KVM, a leak) ends with this QEMU,
not with the machine or with somebody else's program.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from qcompat.errors import HostLacksError, QemuError
from qcompat.qemu.process import Qemu

SHARE = 0.5
"""The part of the memory that is available at the start that one QEMU may take."""
LEFT = 1 / 32
"""The part of this machine's memory that stays available, whoever takes the rest."""
_PERIOD = 0.25
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB$", re.M)
_TOTAL = re.compile(r"^MemTotal:\s+(\d+) kB$", re.M)
_HINT = "free some memory, or take the portrait on a machine with more: qcompat portrait take"


@contextlib.asynccontextmanager
async def watched(qemu: Qemu, *, share: float = SHARE, left: float = LEFT) -> AsyncIterator[None]:
    """While inside, end a QEMU that takes too much memory: HostLacksError instead of its death."""
    watch = _Watch(qemu, share, left)
    task = asyncio.create_task(watch.run())
    try:
        yield
    except (QemuError, HostLacksError) as error:
        if watch.reason:
            message = f"this machine has too little memory: QEMU was ended when {watch.reason}"
            raise HostLacksError(message, _HINT, log=qemu.log, kind="memory") from error
        raise
    finally:
        task.cancel()


class _Watch:
    """Looks at one QEMU from time to time; `reason` says why it was ended, if it was."""

    def __init__(self, qemu: Qemu, share: float, left: float) -> None:
        self._qemu = qemu
        available, total = memory_here()
        self._most, self._least = share * available, left * total
        self.reason = ""

    async def run(self) -> None:
        """Until the QEMU is ended or this is cancelled."""
        while not self.reason:
            await asyncio.sleep(_PERIOD)
            taken, (available, _) = taken_by(self._qemu.pid), memory_here()
            if taken > self._most:
                self.reason = f"it took {_spelt(taken)}, more than half of what was free"
            elif available < self._least:
                self.reason = f"only {_spelt(available)} was left; it took {_spelt(taken)}"
        await self._qemu.kill()


def taken_by(leader: int) -> int:
    """The bytes of memory that a process and those below it have, mapped files included.

    Only these are looked at: a busy machine has thousands of processes, and looks are frequent.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    return page * sum(_pages(pid) for pid in _family(leader))


def _family(leader: int) -> Iterator[int]:
    """A process and all below it (proc(5): the children of each of its threads)."""
    waiting = [leader]
    while waiting:
        pid = waiting.pop()
        yield pid
        for task in Path(f"/proc/{pid}/task").glob("[0-9]*/children"):
            with contextlib.suppress(OSError):
                waiting += map(int, task.read_text().split())


def _pages(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return 0


def memory_here() -> tuple[int, int]:
    """What is available on this machine, and what it has, in bytes."""
    text = Path("/proc/meminfo").read_text()
    found = (pattern.search(text) for pattern in (_AVAILABLE, _TOTAL))
    available, total = (int(match[1]) << 10 if match else 0 for match in found)
    return available or total, total


def _spelt(size: float) -> str:
    return f"{size / (1 << 30):.1f} GB"
