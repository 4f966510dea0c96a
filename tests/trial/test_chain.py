"""Chains of real builds: what a guest picks up on its way decides how far it gets."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.take import take
from qcompat.trial.chain import run_chain
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Hop, Trial

pytestmark = pytest.mark.lab

QUEUES = ("10.0.13", "10.0.2", "11.1.3")


def guest(*more: str) -> Guest:
    return parse(["-machine", "pc-q35-7.2", "-nodefaults", "-m", "64", *more])


RNG = guest("-device", "virtio-rng-pci")


async def portrait(build: Build, its: Guest, accel: Accel) -> Portrait:
    return await take(build, its, learn(build, cache=cache_home()), accel=accel)


async def played(
    builds: Mapping[str, Build], versions: tuple[str, ...], its: Guest, accel: Accel, reset: int = 0
) -> Trial:
    if missing := set(versions) - set(builds):
        pytest.skip(f"needs the builds {', '.join(sorted(missing))}")
    stops = [Stop(builds[v], its, reset == at) for at, v in enumerate(versions, 1)]
    pictures = {v: await portrait(builds[v], its, accel) for v in set(versions)}
    return await run_chain(stops, accel=accel, portraits=[pictures[v] for v in versions])


async def test_queues_that_a_build_enlarged_travel_on_and_stop_the_second_hop(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    trial = await played(builds, QUEUES, RNG, accel)
    assert [hop.outcome.kind for hop in trial.hops] == ["loaded", "refused"]
    assert [hop.predicted for hop in trial.hops] == ["drift", "blocked"]
    last = trial.hops[-1]
    assert last.cause is not None
    assert last.cause.kind == "queue size"
    assert last.finding is not None
    assert last.finding.rule == "queue_size_exceeded_on_target"
    assert (trial.ending, trial.succeeds, trial.contradicts) == ("refused at hop 2", False, False)


async def test_the_same_way_is_free_after_a_reset_in_between(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    trial = await played(builds, QUEUES, RNG, accel, reset=2)
    assert [(hop.outcome.kind, hop.was_reset) for hop in trial.hops] == [
        ("loaded", True),
        ("loaded", False),
    ]
    assert trial.succeeds
    assert not trial.contradicts


async def test_fresh_portraits_alone_would_have_been_wrong_of_the_second_hop(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    alone = await played(builds, ("10.0.2", "11.1.3"), RNG, accel)
    assert [hop.predicted for hop in alone.hops] != ["blocked"]
    assert alone.succeeds


async def test_a_chain_ends_with_the_first_hop_that_fails(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    trial = await played(builds, ("10.0.13", "11.1.3", "10.0.13"), RNG, accel)
    assert len(trial.hops) == 1
    assert trial.builds[-1].endswith("10.0.13")
    assert not trial.succeeds


async def test_a_guest_goes_to_another_build_and_back(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    trial = await played(builds, ("7.2.22", "11.1.3", "7.2.22"), guest("-device", "e1000e"), accel)
    assert trial.succeeds, trial.hops[-1].outcome
    assert not any(hop.unpredicted for hop in trial.hops)


async def test_a_source_that_cannot_save_the_guest_is_told_from_a_target_that_refuses(
    newest: Build, builds: Mapping[str, Build], accel: Accel
) -> None:
    oldest = builds[min(builds, key=lambda version: [int(part) for part in version.split(".")])]
    its = parse(
        ["-machine", "pc", "-nodefaults", "-m", "64", "-cpu", "qemu64,migratable=off,+invtsc"]
    )
    trial = await run_chain([Stop(oldest, its), Stop(newest, its)], accel=accel)
    (hop,) = trial.hops
    if hop.outcome.kind == "no_start":
        pytest.skip(hop.outcome.message)
    assert hop.outcome.kind == "no_stream"
    assert hop.predicted is None
    assert hop.unpredicted


async def test_every_stop_is_started_with_its_own_guest(newest: Build, accel: Accel) -> None:
    stops = [Stop(newest, guest()), Stop(newest, guest("-device", "virtio-rng-pci"))]
    assert (await run_chain(stops, accel=accel)).succeeds
    (back,) = (await run_chain(stops[::-1], accel=accel)).hops
    assert back.outcome.kind == "refused"
    assert back.cause is not None
    assert back.cause.section.startswith("0000:00:01.0")


async def test_the_hops_are_told_of_while_the_trial_goes_on(newest: Build, accel: Accel) -> None:
    seen: list[Hop] = []
    trial = await run_chain([Stop(newest, guest())] * 3, accel=accel, on_hop=seen.append)
    assert tuple(seen) == trial.hops
