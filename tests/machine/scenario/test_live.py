"""The scenarios of the documentation, played by real builds.

Where a release cannot be had, a newer build set to behave like it stands in: 10.0.2 with the
error mask switched on for 8.0.0, 5.2.0 with one queue for 5.1.0. `ok` and `drift` must load,
`blocked` must not.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.guest.arguments import parse
from qcompat.local.home import cache_home
from qcompat.machine.scenario.model import Guest, Inventory
from qcompat.machine.scenario.work_out import Outcome
from qcompat.portrait.portrait import Accel
from qcompat.portrait.take import take
from qcompat.trial.canary import load_canary
from qcompat.verdict.judge import judge
from tests.machine.scenario.real_guests import Double, Stage, pairs, saved, travelled
from tests.machine.scenario.worlds import example

pytestmark = pytest.mark.lab

LOADING = ("ok", "drift")
MASK_ON = ("-global", "pci-device.x-pcie-err-unc-mask=on")
DISK = ("-drive", "if=none,id=d,driver=null-co,size=1M", "-device", "virtio-blk-pci,drive=d")
DEVICES = {
    "e1000e": ("-device", "pcie-root-port,id=rp1,chassis=1", "-device", "e1000e,bus=rp1"),
    "virtio-blk-pci": DISK,
    "virtio-rng-pci": ("-device", "virtio-rng-pci"),
}
ERROR_MASK = {
    "7.2.0": Double("7.2.22"),
    "8.0.0": Double("10.0.2", MASK_ON),
    "8.0.1": Double("10.0.13"),
    "8.2.0": Double("11.1.3"),
}
QUEUE_SIZE = {version: Double(version) for version in ("10.0.2", "10.0.13", "11.1.3")}


def queues(number: int) -> tuple[str, ...]:
    return ("-global", f"virtio-blk-device.num-queues={number}")


NUM_QUEUES = {
    "5.1.0": Double("5.2.0", queues(1)),
    "5.2.0": Double("5.2.0"),
    "7.2.22": Double("7.2.22"),
}
WITHOUT_THE_ENTRY = {
    "5.1.0": Double("5.2.0", queues(1)),
    "5.2.0": Double("5.2.0", queues(4)),
    "7.2.22": Double("7.2.22", queues(4)),
}


def stage(
    builds: Mapping[str, Build], doubles: Mapping[str, Double], guest: Guest, accel: Accel
) -> Stage:
    (device,) = guest.devices
    arguments = ("-machine", guest.machine, "-nodefaults", "-m", "64", "-smp", str(guest.cpus))
    return Stage(builds, doubles, (*arguments, *DEVICES[device.type]), accel)


async def compare_cells(inventory: Inventory, outcome: Outcome, guest: Guest, played: Stage) -> int:
    """Load every pair that can be played and compare; the number of pairs."""
    compared = 0
    ends = [end for end in inventory.ends if played.has([end])]
    streams = {end.name: await saved(played, end) for end in ends}
    for source, target in pairs(ends):
        cell = outcome.cell(guest.name, source.name, target.name)
        if cell.case.lacking:
            continue
        stream, why = streams[source.name]
        assert stream is not None, f"{source.name}: {why}"
        loaded = await load_canary(
            played.build(target), played.guest(target), stream, accel=played.accel
        )
        told = f"{guest.name}: {source.name} -> {target.name}: {loaded.message}"
        assert loaded.loads == (cell.verdict in LOADING), told
        for reason in cell.reasons:
            _, _, message = reason.text.partition(": ")
            assert cell.verdict != "blocked" or message in loaded.message, told
        compared += 1
    return compared


async def compare_chains(
    inventory: Inventory, outcome: Outcome, guest: Guest, played: Stage
) -> int:
    """Send the guest along every chain that can be played and compare; the number of chains."""
    compared = 0
    for chain in inventory.chains:
        if chain.guest != guest.name or not played.has([stop.end for stop in chain.stops]):
            continue
        expected = [hop.verdict in LOADING for hop in outcome.chain(chain.name).hops]
        assert await travelled(played, chain.stops) == expected, chain.name
        compared += 1
    return compared


@pytest.mark.parametrize(
    ("name", "when", "doubles", "cells", "chains"),
    [
        ("error-mask", "after", ERROR_MASK, {"nic": 36, "younger": 25}, {"nic": 7}),
        ("num-queues", "after", NUM_QUEUES, {"disk": 9, "younger": 4}, {"disk": 4}),
        ("num-queues", "before", WITHOUT_THE_ENTRY, {"disk": 9}, {"disk": 4}),
        ("queue-size", "before", QUEUE_SIZE, {"disk": 16, "rng": 16}, {"disk": 8}),
    ],
)
async def test_real_builds_do_what_the_scenario_says(
    builds: Mapping[str, Build],
    accel: Accel,
    name: str,
    when: str,
    doubles: Mapping[str, Double],
    cells: Mapping[str, int],
    chains: Mapping[str, int],
) -> None:
    if missing := {double.version for double in doubles.values()} - set(builds):
        pytest.skip(f"needs the builds {', '.join(sorted(missing))}")
    worked = example(name)
    scenario = worked.scenario
    inventory, outcome = scenario.before, worked.before
    if when == "after":
        assert scenario.after is not None
        assert worked.after is not None
        inventory, outcome = scenario.after, worked.after
    for guest in (inventory.guests[each] for each in cells):
        played = stage(builds, doubles, guest, accel)
        assert await compare_cells(inventory, outcome, guest, played) == cells[guest.name]
        assert await compare_chains(inventory, outcome, guest, played) == chains.get(guest.name, 0)


async def test_the_judgement_of_real_portraits_agrees(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    if "10.0.13" not in builds:
        pytest.skip("needs the build 10.0.13")
    outcome = example("error-mask").after
    assert outcome is not None
    build = builds["10.0.13"]
    facts = learn(build, cache=cache_home())
    arguments = ("-machine", "pc-q35-7.2", "-nodefaults", "-m", "64", *DEVICES["e1000e"])
    plain = await take(build, parse(arguments), facts, accel=accel)
    marked = await take(build, parse([*arguments, *MASK_ON]), facts, accel=accel)
    judgement = judge(plain, marked)
    there = outcome.cell("nic", "8.0.1", "8.0.1+mark")
    back = outcome.cell("nic", "8.0.1+mark", "8.0.1")
    assert (judgement.forward.verdict, judgement.back.verdict) == (there.verdict, back.verdict)
