"""A paused guest, saved and loaded by real builds; QEMUs that hang, die or never start."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import qcompat.trial.canary
from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel
from qcompat.portrait.take import take
from qcompat.qemu.migration import load
from qcompat.qemu.process import Qemu
from qcompat.trial.canary import StopResult, load_canary, run_stop
from qcompat.trial.stop import Stop
from qcompat.verdict.judge import judge

pytestmark = pytest.mark.lab

PLAIN = parse(["-machine", "pc", "-nodefaults", "-m", "64"])
MEMORY = ("-machine", "pc-q35-7.2", "-nodefaults", "-m", "128M,slots=16,maxmem=8G")


def _guest(*more: str) -> Guest:
    return parse(["-machine", "pc-q35-7.2", "-nodefaults", "-m", "64", *more])


async def _saved(build: Build, guest: Guest, facts: BuildFacts, accel: Accel) -> io.BytesIO:
    stream = io.BytesIO()
    portrait = await take(build, guest, facts, accel=accel, keep=stream)
    assert portrait.refusal is None
    return stream


async def test_a_build_loads_what_it_saved_any_number_of_times(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    guest = _guest("-device", "virtio-rng-pci")
    stream = await _saved(newest, guest, newest_facts, accel)
    for _ in range(2):
        outcome = await load_canary(newest, guest, stream, accel=accel)
        assert outcome.loads, outcome.message


async def test_a_device_the_target_lacks_is_refused_by_name(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    stream = await _saved(newest, _guest("-device", "e1000e"), newest_facts, accel)
    outcome = await load_canary(newest, _guest(), stream, accel=accel)
    assert outcome.kind == "refused"
    assert "e1000e" in outcome.message


async def test_a_damaged_stream_is_refused(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    stream = await _saved(newest, _guest(), newest_facts, accel)
    cut = io.BytesIO(stream.getvalue()[: len(stream.getvalue()) // 2])
    outcome = await load_canary(newest, _guest(), cut, accel=accel)
    assert outcome.kind == "refused"


async def test_a_guest_the_target_does_not_start_is_told_apart(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    stream = await _saved(newest, _guest(), newest_facts, accel)
    outcome = await load_canary(newest, _guest("-device", "no-such"), stream, accel=accel)
    assert outcome.kind == "no_start"


async def test_queues_of_10_0_13_are_refused_by_11_1(
    builds: Mapping[str, Build], accel: Accel, newest_facts: BuildFacts
) -> None:
    source = builds.get("10.0.13")
    target = next((b for version, b in builds.items() if version.startswith("11.1.")), None)
    if source is None or target is None:
        pytest.skip("needs the builds 10.0.13 and 11.1")
    guest = _guest("-device", "virtio-rng-pci")
    stream = await _saved(source, guest, newest_facts, accel)
    outcome = await load_canary(target, guest, stream, accel=accel)
    assert outcome.kind == "refused"
    assert "1024 exceeds allocated max" in outcome.message


async def test_a_memory_device_that_sends_its_state_early_takes_no_late_one(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    if not {"7.2.22", "10.0.13"} <= set(builds):
        pytest.skip("needs the builds 7.2.22 and 10.0.13")
    source, target = builds["7.2.22"], builds["10.0.13"]
    backend = ("-object", "memory-backend-ram,id=memory,size=128M")
    late = parse([*MEMORY, *backend, "-device", "virtio-mem-pci,memdev=memory"])
    early = parse([*MEMORY, *backend, "-device", f"{late.arguments[-1]},x-early-migration=on"])
    stream = io.BytesIO()
    sent = await take(source, late, learn(source, cache=cache_home()), accel=accel, keep=stream)
    own = await take(target, early, learn(target, cache=cache_home()), accel=accel)
    assert judge(sent, own).forward.verdict == "blocked"
    assert not (await load_canary(target, early, stream, accel=accel)).loads


def living_in(group: int) -> list[str]:
    """The processes of a group; what has ended but was not collected by its parent is gone."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = place.read_text().rpartition(")")[2].split()[:3]
            if its_group == str(group) and state != "Z":
                found.append(place.parent.name)
    return found


async def ends_soon(group: int) -> bool:
    """Whether the group ends within seconds: the kernel ends a sandbox after its first process."""
    for _ in range(50):
        if not living_in(group):
            return True
        await asyncio.sleep(0.1)
    return False


async def interrupted(
    build: Build, accel: Accel, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> tuple[StopResult, int]:
    """A load in which the target gets a signal before it reads; the result and the target's pid."""
    stream = io.BytesIO()
    await run_stop(Stop(build, PLAIN), None, stream, accel=accel)
    pids: list[int] = []

    async def signalled(qemu: Qemu, source: io.BytesIO) -> None:
        pids.append(qemu.pid)
        os.killpg(qemu.pid, number)
        await load(qemu, source)

    monkeypatch.setattr(qcompat.trial.canary, "load", signalled)
    found = await run_stop(Stop(build, PLAIN), stream, None, accel=accel, seconds=2)
    return found, pids[0]


async def test_a_target_that_hangs_is_ended_in_time_and_reported_as_hung(
    newest: Build, accel: Accel, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    found, pid = await interrupted(newest, accel, signal.SIGSTOP, monkeypatch)
    assert found.arrived.kind == "hung"
    assert found.left is None
    assert time.monotonic() - began < 20
    assert await ends_soon(pid)


async def test_a_target_that_dies_is_reported_as_crashed(
    newest: Build, accel: Accel, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = await interrupted(newest, accel, signal.SIGSEGV, monkeypatch)
    assert found.arrived.kind == "crashed"
    assert "signal 11" in found.arrived.message


async def test_a_guest_that_the_build_does_not_start_never_arrived(
    newest: Build, accel: Accel
) -> None:
    guest = parse(["-machine", "pc", "-nodefaults", "-device", "no-such"])
    found = await run_stop(Stop(newest, guest), None, io.BytesIO(), accel=accel)
    assert found.arrived.kind == "no_start"
    assert "no-such" in found.log


async def test_a_build_that_hangs_at_its_start_is_ended(tmp_path: Path) -> None:
    binary = tmp_path / "bin" / "qemu-system-x86_64"
    binary.parent.mkdir()
    binary.write_text("#!/bin/sh\nexec sleep 1000\n")
    binary.chmod(0o755)
    build = Build("sleepy", BuildIdentity("1.0", "", "0" * 64), "native", str(binary))
    found = await run_stop(Stop(build, PLAIN), None, io.BytesIO(), accel="tcg", seconds=1)
    assert found.arrived.kind == "hung"


async def test_a_reset_has_happened_before_the_guest_leaves(newest: Build, accel: Accel) -> None:
    streams = [io.BytesIO() for _ in range(2)]
    for stream, reset in zip(streams, (False, True), strict=True):
        found = await run_stop(Stop(newest, PLAIN, reset), None, stream, accel=accel)
        assert found.left is not None
        assert found.left.loads, found.left.message
    assert abs(len(streams[0].getvalue()) - len(streams[1].getvalue())) < 4096
