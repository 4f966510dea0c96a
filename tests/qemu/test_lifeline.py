from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qcompat.builds.build import Build

_PROGRAM = """
import asyncio, sys
from qcompat.builds.run.command import command
from qcompat.local.home import data_home
from qcompat.builds.registry import Registry
from qcompat.qemu.launch import launch

async def main():
    words = command(Registry(data_home()).get(sys.argv[2]))
    async with launch(words, ["-accel", "tcg", "-M", "pc", "-uuid", sys.argv[1]]):
        print("up", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def _living_with(mark: str) -> list[int]:
    found = []
    for place in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if place.name.isdigit() and mark.encode() in (place / "cmdline").read_bytes():
                found.append(int(place.name))
    return found


def _wait_for_none(mark: str) -> list[int]:
    for _ in range(100):
        if not (left := _living_with(mark)):
            return []
        time.sleep(0.05)
    return left


@pytest.mark.lab
@pytest.mark.parametrize("delay", [0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.8])
def test_a_killed_parent_leaves_no_qemu_whenever_it_is_killed(newest: Build, delay: float) -> None:
    mark = f"00000000-0000-4000-8000-{int(delay * 1000):06}{os.getpid():06}"
    words = [sys.executable, "-c", _PROGRAM, mark, newest.name]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as parent:
        time.sleep(delay)
        parent.send_signal(signal.SIGKILL)
    assert _wait_for_none(mark) == []


@pytest.mark.lab
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_signal_leaves_a_running_qemu(newest: Build, number: signal.Signals) -> None:
    mark = f"00000000-0000-4000-9000-{int(number):06}{os.getpid():06}"
    words = [sys.executable, "-c", _PROGRAM, mark, newest.name]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        assert _living_with(mark)
        parent.send_signal(number)
    assert _wait_for_none(mark) == []
