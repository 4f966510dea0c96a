"""Guests with their real back ends against their twins: the same state, and the same loads."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.builds.run.command import command
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.take import take
from qcompat.qemu.incoming import receive
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save
from qcompat.stream.reader.whole import read
from qcompat.verdict.judge import judge

pytestmark = pytest.mark.lab

USER_NETWORKS = (
    *("-machine", "pc-q35-5.2", "-m", "64", "-nodefaults"),
    *("-netdev", "user,id=a,hostname=a", "-device", "e1000,netdev=a"),
    *("-nic", "user,model=rtl8139", "-net", "nic,model=pcnet", "-net", "user"),
)


async def saved(build: Build, arguments: Sequence[str], accel: Accel) -> io.BytesIO:
    """What the build really sends of a guest with real back ends."""
    stream = io.BytesIO()
    async with launch(command(build), ["-accel", accel, *arguments]) as qemu:
        await save(qemu, stream)
    return stream


def sections(stream: io.BytesIO) -> list[tuple[str, int]]:
    stream.seek(0)
    return [(section.idstr, section.instance_id) for section in read(stream).sections]


async def portrait(build: Build, guest: Guest, accel: Accel) -> Portrait:
    return await take(build, guest, learn(build, cache=cache_home()), accel=accel)


@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
async def test_a_twin_sends_the_sections_of_its_user_networks(
    builds: Mapping[str, Build], accel: Accel, version: str
) -> None:
    twin = parse(USER_NETWORKS)
    real = sections(await saved(builds[version], USER_NETWORKS, accel))
    assert real == sections(await saved(builds[version], twin.arguments, accel))
    assert len([name for name, _ in real if name == "slirp"]) == 3


@pytest.mark.parametrize(
    ("source", "target", "loads"),
    [("10.0.13", "7.2.22", False), ("7.2.22", "10.0.13", True), ("10.0.13", "11.1.3", True)],
)
async def test_several_user_networks_load_as_foretold(
    builds: Mapping[str, Build], accel: Accel, source: str, target: str, loads: bool
) -> None:
    stream = await saved(builds[source], USER_NETWORKS, accel)
    real = await receive(command(builds[target]), ["-accel", accel, *USER_NETWORKS], stream)
    assert real.loads is loads, real.message
    twin = parse(USER_NETWORKS)
    start = await portrait(builds[source], twin, accel)
    assert (
        judge(start, await portrait(builds[target], twin, accel)).forward.verdict != "blocked"
    ) is loads
