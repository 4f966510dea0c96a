from __future__ import annotations

import io

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, QemuError
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import load, save

pytestmark = pytest.mark.lab

GUEST = ("-accel", "tcg", "-M", "pc", "-nodefaults", "-m", "16")
SHARED = ("-object", "memory-backend-ram,id=m,size=1M", "-device", "ivshmem-plain,memdev=m")


async def test_a_saved_guest_loads(newest: Build) -> None:
    stream = io.BytesIO()
    async with launch(command(newest), GUEST) as qemu:
        await save(qemu, stream)
    assert stream.getvalue().startswith(b"QEVM")
    stream.seek(0)
    async with launch(command(newest), [*GUEST, "-incoming", "defer"]) as qemu:
        await load(qemu, stream)


async def test_a_build_that_refuses_to_save_goes_on(newest: Build) -> None:
    async with launch(command(newest), [*GUEST, *SHARED]) as qemu:
        with pytest.raises(CommandError, match="igra"):
            await save(qemu, io.BytesIO())
        assert "qemu" in await qemu.execute("query-version")


async def test_what_is_no_stream_is_refused(newest: Build) -> None:
    async with launch(command(newest), [*GUEST, "-incoming", "defer"]) as qemu:
        with pytest.raises(QemuError):
            await load(qemu, io.BytesIO(b"x" * (1 << 20)))
