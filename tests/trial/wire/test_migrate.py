"""Two running QEMUs of different builds, and a guest that goes from one to the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import UsageError
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from qcompat.trial.trial import Variant
from qcompat.trial.wire.ends import with_faults
from qcompat.trial.wire.migrate import migrate
from qcompat.trial.wire.place import shared_place

pytestmark = pytest.mark.lab
GUEST = "-accel tcg -machine pc-q35-5.2 -cpu qemu64 -m 128 -nodefaults -device virtio-net-pci"
OTHER = GUEST.replace("virtio-net-pci", "virtio-blk-pci,drive=d -drive id=d,if=none,driver=null-co")
VARIANTS: tuple[Variant, ...] = ("precopy", "postcopy", "multifd")


@contextlib.asynccontextmanager
async def ends(
    source: Build, target: Build, arrives: str = GUEST
) -> AsyncIterator[tuple[Qemu, Qemu, Path]]:
    with shared_place() as place:
        words = [with_faults(command(build, writable=[place])) for build in (source, target)]
        async with (
            launch(words[0], GUEST.split()) as here,
            launch(words[1], [*arrives.split(), "-incoming", "defer"]) as there,
        ):
            yield here, there, place


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("source", "target"), [("5.2.0", "11.1.3"), ("11.1.3", "5.2.0"), ("10.0.2", "7.2.22")]
)
async def test_a_running_guest_runs_on_at_the_target(
    builds: Mapping[str, Build], source: str, target: str, variant: Variant
) -> None:
    if source not in builds or target not in builds:
        pytest.skip(f"no build {source} or {target} is registered")
    async with ends(builds[source], builds[target]) as (here, there, place):
        await here.execute("cont")
        await asyncio.sleep(0.1)
        moved = await migrate(here, there, variant=variant, place=place)

        assert moved.outcome.loads, moved
        assert moved.status == "completed"
        assert moved.downtime is not None
        assert moved.total is not None
        assert (await there.execute("query-status"))["status"] == "running"
        assert (await here.execute("query-status"))["status"] == "postmigrate"


@pytest.mark.parametrize("variant", VARIANTS)
async def test_a_paused_guest_arrives_paused(newest: Build, variant: Variant) -> None:
    async with ends(newest, newest) as (here, there, place):
        moved = await migrate(here, there, variant=variant, place=place)

        assert moved.outcome.loads, moved
        assert not (await there.execute("query-status"))["running"]


@pytest.mark.parametrize("variant", VARIANTS)
async def test_a_target_that_lacks_the_device_refuses_and_says_so(
    newest: Build, variant: Variant
) -> None:
    async with ends(newest, newest, OTHER) as (here, there, place):
        moved = await migrate(here, there, variant=variant, place=place)

        assert moved.outcome.kind == "refused"
        assert "virtio-net" in moved.outcome.message


async def test_a_target_that_ends_unasked_has_crashed(newest: Build) -> None:
    async with ends(newest, newest) as (here, there, _):
        await there.kill()
        moved = await migrate(here, there)

        assert moved.outcome.kind == "crashed"


async def test_multifd_needs_a_place(newest: Build) -> None:
    async with ends(newest, newest) as (here, there, _):
        with pytest.raises(UsageError, match="place"):
            await migrate(here, there, variant="multifd")
