"""The filter under which KVM is told of no guest memory, on real builds."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.builds.run.kvm_memory import open_filter
from qcompat.qemu.launch import launch

GUEST = ("-accel", "kvm", "-M", "pc", "-nodefaults", "-m", "64")


@pytest.mark.lab
async def test_kvm_learns_of_no_memory_under_the_filter(
    builds: Mapping[str, Build], accel: str
) -> None:
    """A guest that has no memory cannot run: KVM stops it, where without the filter it goes on."""
    if accel != "kvm":
        pytest.skip("needs KVM")
    for build in builds.values():
        assert await _runs(build, None)
        assert (system_calls := open_filter()) is not None
        assert not await _runs(build, system_calls)


async def _runs(build: Build, system_calls: int | None) -> bool:
    inherit = (system_calls,) if system_calls is not None else ()
    words = command(build, system_calls=system_calls)
    async with launch(words, GUEST, inherit=inherit) as qemu:
        for file in inherit:
            os.close(file)
        await qemu.execute("cont")
        status: dict[str, bool] = await qemu.execute("query-status")
        registers = await qemu.monitor("info registers")
        for _ in range(50):
            if registers != await qemu.monitor("info registers"):
                return bool(status["running"])
    return False
