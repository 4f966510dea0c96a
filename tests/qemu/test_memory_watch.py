"""A QEMU that takes too much of this machine's memory is ended, and its end is no opinion."""

from __future__ import annotations

import asyncio

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import HostLacksError, QemuDiedError
from qcompat.qemu.launch import launch
from qcompat.qemu.memory_watch import taken_by, watched

pytestmark = pytest.mark.lab

GUEST = ("-accel", "tcg", "-M", "pc", "-nodefaults", "-m", "512")
MB = 1 << 20


async def test_what_it_takes_is_measured(newest: Build) -> None:
    async with launch(command(newest), GUEST) as qemu:
        before = taken_by(qemu.pid)
        assert 10 * MB < before < 200 * MB
        await qemu.qtest.batch([f"memset {16 * MB:#x} {256 * MB:#x} 0x55"])
        assert 250 * MB < taken_by(qemu.pid) - before < 300 * MB


async def test_one_that_takes_too_much_is_ended(newest: Build) -> None:
    async with launch(command(newest), GUEST) as qemu:
        pid = qemu.pid
        with pytest.raises(HostLacksError, match="more than half of what was free") as caught:
            async with watched(qemu, share=0.001):
                for _ in range(100):
                    await qemu.execute("query-status")
                    await asyncio.sleep(0.1)
        assert caught.value.kind == "memory"
        assert isinstance(caught.value.__cause__, QemuDiedError)
        assert taken_by(pid) == 0


async def test_one_on_a_machine_without_memory_is_ended(newest: Build) -> None:
    async with launch(command(newest), GUEST) as qemu:
        with pytest.raises(HostLacksError, match="was left"):
            async with watched(qemu, left=1.0):
                for _ in range(100):
                    await qemu.execute("query-status")
                    await asyncio.sleep(0.1)


async def test_one_that_takes_its_share_goes_on(newest: Build) -> None:
    async with launch(command(newest), GUEST) as qemu:
        await asyncio.sleep(0.6)
        assert (await qemu.execute("query-status"))["running"] is False
