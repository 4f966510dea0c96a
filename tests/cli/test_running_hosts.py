"""Running guests between hosts: what their drivers agreed on, and the processor they have.

The hosts are those of tests/data/hosts: `no-uso` is `uso` with taps that do not take USO. The
guests really run, on taps of a kernel that has USO; a driver agrees on features by qtest.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from qcompat.arch.architecture import PciPorts, usual
from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.builds.run.sandbox import can_make_taps
from qcompat.cli import run
from qcompat.hosts.backends.ask_tap import ask_tap
from qcompat.hosts.backends.model import Tap
from qcompat.portrait.config_space import ConfigSpace, Place
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu
from tests.hosts.devices.hosts import BUILD, path
from tests.hosts.driver import agree
from tests.running_guest import running

Captured = pytest.CaptureFixture[str]
NET = "virtio-net-pci"
USO = ["guest_uso4", "guest_uso6", "host_uso"]
MACHINE = "pc-i440fx-10.0"
CARD = ["-machine", MACHINE, "-m", "16M", "-nodefaults"]
TAP = ["-netdev", "tap,id=n,script=no,downscript=no", "-device", f"{NET},netdev=n,addr=8"]


@pytest.fixture
def uso_tap() -> None:
    tap = ask_tap() if can_make_taps() else None
    if not isinstance(tap, Tap) or "uso" not in tap.offloads:
        pytest.skip("no tap with USO can be made here")


@asynccontextmanager
async def card(build: Build, accel: Accel, place: Path) -> AsyncIterator[tuple[Qemu, Path]]:
    """A guest with a card on a tap, and the second monitor that a manager would ask."""
    prefix = command(build, kvm=accel == "kvm", network_namespace=True, writable=[place])
    monitor = ["-qmp", f"unix:{place}/qmp,server=on,wait=off"]
    async with launch(prefix, ["-accel", accel, *CARD, *TAP, *monitor]) as qemu:
        yield qemu, place / "qmp"


def fates(capsys: Captured, guest: str, *more: str) -> tuple[int, list[dict[str, Any]]]:
    files = [str(path("uso")), str(path("no-uso"))]
    asked = ["--device", NET, "--build", BUILD, "--guest", guest]
    capsys.readouterr()
    code = run(["host", "lines", *files, *asked, *more, "--json"])
    out, err = capsys.readouterr()
    assert out, err
    document = json.loads(out)
    assert document["machine"] == MACHINE  # the guest's own, unless it is asked for
    moves: list[dict[str, Any]] = document["guest"]
    return code, moves


@pytest.mark.lab
@pytest.mark.usefixtures("uso_tap")
async def test_what_the_running_driver_agreed_on_is_drift_before_and_blocked_after(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, capsys: Captured
) -> None:
    import asyncio

    build = _build(builds, "10.0.13")
    async with card(build, accel, tmp_path) as (qemu, socket):
        code, before = await asyncio.to_thread(fates, capsys, str(socket))
        assert (code, [each["answer"] for each in before]) == (0, ["drift", "drift"]), before
        taken = await agree(
            ConfigSpace(qemu.qtest, usual().pci or PciPorts(0, 0)), Place(0, 8 << 3, "0000:00:08.0")
        )
        code, after = await asyncio.to_thread(fates, capsys, str(socket))
    assert (code, [each["answer"] for each in after]) == (1, ["drift", "blocked"])
    assert after[1]["features"] == USO
    for word in (hex(taken), f"{taken:064b}"[::-1]):
        told = await asyncio.to_thread(fates, capsys, word, "--machine", MACHINE)
        assert told == (code, after)


@pytest.mark.lab
@pytest.mark.usefixtures("uso_tap")
async def test_a_build_that_dies_of_the_question_leaves_it_unknown_and_lives(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, capsys: Captured
) -> None:
    import asyncio

    build = _build(builds, "11.1.3")
    async with card(build, accel, tmp_path) as (qemu, socket):
        code, found = await asyncio.to_thread(fates, capsys, str(socket))
        assert (await qemu.execute("query-version"))["qemu"]["major"] == 11
    assert (code, [each["answer"] for each in found]) == (3, ["unknown", "unknown"])
    assert "crashes on x-query-virtio-status" in found[0]["reasons"][0]


@pytest.mark.lab
def test_a_running_guest_without_such_a_device_is_wrong_usage(
    newest: Build, accel: Accel, capsys: Captured
) -> None:
    with running(newest, ["-machine", "q35", "-nodefaults", "-m", "16", "-S"], accel) as (qmp, _):
        assert run(["host", "lines", str(path("uso")), "--device", NET, "--guest", str(qmp)]) == 2
    assert "shows no virtio-net device" in capsys.readouterr().err


@pytest.mark.lab
def test_the_processor_of_a_running_guest_is_that_of_its_arguments(
    newest: Build, accel: Accel, capsys: Captured
) -> None:
    hosts = [str(path("uso")), str(path("no-avx2")), "--build", BUILD, "--json"]
    words = ["-machine", "q35", "-nodefaults", "-m", "16", "-S", "-cpu", "qemu64,+avx2"]
    with running(newest, words, accel) as (qmp, process):
        asked = run(["cpu", "compare", *hosts, "--qmp", str(qmp)])
        told = capsys.readouterr().out
        assert process.poll() is None
    assert run(["cpu", "compare", *hosts, "--guest", "qemu64,+avx2"]) == asked
    assert capsys.readouterr().out == told
    with running(newest, words[:-2], accel) as (qmp, _):
        run(["cpu", "compare", *hosts, "--qmp", str(qmp)])
    assert json.loads(capsys.readouterr().out)["guest"] == "qemu64"


@pytest.mark.parametrize("more", [[], ["--guest", "host", "--qmp", "x"]])
def test_one_processor_is_to_be_given(more: list[str], capsys: Captured) -> None:
    assert run(["cpu", "compare", str(path("uso")), str(path("no-avx2")), *more]) == 2
    assert "--qmp SOCKET" in capsys.readouterr().err


def _build(builds: Mapping[str, Build], version: str) -> Build:
    if version not in builds:
        pytest.skip(f"needs the build {version}")
    return builds[version]
