from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from pathlib import Path

import pytest

from qcompat.qemu.launch import start

_LEADER = "import subprocess, sys, time; subprocess.Popen(['sleep', sys.argv[1]]); time.sleep(60)"


def _living_with(mark: str) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark.encode() in place.read_bytes():
                found.append(place.parent.name)
    return found


@pytest.mark.parametrize("delay", [0, 0.001, 0.002, 0.005, 0.01, 0.05])
async def test_a_start_that_is_cancelled_leaves_neither_the_leader_nor_its_children(
    delay: float,
) -> None:
    mark = f"61.0{int(delay * 1000):04}{time.monotonic_ns()}"

    async def begin() -> None:
        process = await start([sys.executable, "-c", _LEADER, mark], ())
        raise AssertionError(f"{process.pid} was started before it could be cancelled")

    task = asyncio.create_task(begin())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(delay)
    assert _living_with(mark) == []
