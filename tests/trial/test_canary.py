from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel
from qcompat.portrait.take import take
from qcompat.trial.canary import load_canary
from qcompat.verdict.judge import judge

pytestmark = pytest.mark.lab

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
