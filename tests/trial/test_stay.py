"""A stay that goes wrong: QEMUs that hang, die or never start, each told apart, none left."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import time
from pathlib import Path

import pytest

import qcompat.trial.stay
from qcompat.builds.build import Build, BuildIdentity
from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import Accel
from qcompat.qemu.migration import load
from qcompat.qemu.process import Qemu
from qcompat.trial.stay import Stay, stay
from qcompat.trial.stop import Stop

GUEST = parse(["-machine", "pc", "-nodefaults", "-m", "64"])

pytestmark = pytest.mark.lab


def living_in(group: int) -> list[str]:
    """The processes of a group; what has ended but was not collected by its parent is gone."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = place.read_text().rpartition(")")[2].split()[:3]
            if its_group == str(group) and state != "Z":
                found.append(place.parent.name)
    return found


async def interrupted(
    build: Build, accel: Accel, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> tuple[Stay, int]:
    """A load in which the target gets a signal before it reads; the stay and the target's pid."""
    stream = io.BytesIO()
    await stay(Stop(build, GUEST), None, stream, accel=accel)
    pids: list[int] = []

    async def signalled(qemu: Qemu, source: io.BytesIO) -> None:
        pids.append(qemu.pid)
        os.killpg(qemu.pid, number)
        await load(qemu, source)

    monkeypatch.setattr(qcompat.trial.stay, "load", signalled)
    found = await stay(Stop(build, GUEST), stream, None, accel=accel, seconds=2)
    return found, pids[0]


async def test_a_target_that_hangs_is_ended_in_time_and_reported_as_hung(
    newest: Build, accel: Accel, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    found, pid = await interrupted(newest, accel, signal.SIGSTOP, monkeypatch)
    assert found.arrived.kind == "hung"
    assert found.left is None
    assert time.monotonic() - began < 20
    assert living_in(pid) == []


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
    found = await stay(Stop(newest, guest), None, io.BytesIO(), accel=accel)
    assert found.arrived.kind == "no_start"
    assert "no-such" in found.log


async def test_a_build_that_hangs_at_its_start_is_ended(tmp_path: Path) -> None:
    binary = tmp_path / "bin" / "qemu-system-x86_64"
    binary.parent.mkdir()
    binary.write_text("#!/bin/sh\nexec sleep 1000\n")
    binary.chmod(0o755)
    build = Build("sleepy", BuildIdentity("1.0", "", "0" * 64), "native", str(binary))
    found = await stay(Stop(build, GUEST), None, io.BytesIO(), accel="tcg", seconds=1)
    assert found.arrived.kind == "hung"


async def test_a_reset_has_happened_before_the_guest_leaves(newest: Build, accel: Accel) -> None:
    streams = [io.BytesIO() for _ in range(2)]
    for stream, reset in zip(streams, (False, True), strict=True):
        found = await stay(Stop(newest, GUEST, reset), None, stream, accel=accel)
        assert found.left is not None
        assert found.left.loads, found.left.message
    assert abs(len(streams[0].getvalue()) - len(streams[1].getvalue())) < 4096
