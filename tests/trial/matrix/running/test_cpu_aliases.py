from __future__ import annotations

from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import DeviceFact
from qcompat.builds.learn.learn import learn
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel
from qcompat.trial.matrix.question.selection import Selection, spec_of
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.trial.matrix.running.cpu_aliases import CpuAliases, find_cpu_aliases
from qcompat.trial.matrix.running.run import MatrixRun
from tests.trial.matrix.conftest import DEVICES, MACHINE, NAMES, World, build, facts

NAME, VERSION = "Penryn-x86_64-cpu", "Penryn-v1-x86_64-cpu"
ALIASES: CpuAliases = {(MACHINE, NAME): VERSION}


def spec() -> MatrixSpec:
    devices = (*DEVICES, DeviceFact(NAME), DeviceFact(VERSION))
    known = {name: facts(name, devices) for name in NAMES}
    return spec_of(Selection((MACHINE,), every=True), [build(n) for n in NAMES], known, "tcg")


async def tried(world: World) -> MatrixRun:
    run = MatrixRun(spec(), world.perform, lambda _: None, width=3, cpu_aliases=ALIASES)
    await run.finish()
    return run


def tries_of(world: World, name: str) -> int:
    return sum(batch.packed.members == (name,) for batch in world.batches)


async def test_of_aliases_that_load_one_is_tried() -> None:
    world = World()
    run = await tried(world)
    assert set(run.cells) == set(spec().keys)
    assert tries_of(world, NAME) == 0
    for source, target in (("one", "two"), ("three", "one")):
        cell = run.cells[MACHINE, NAME, source, target]
        assert (cell.outcome.kind, cell.through, cell.alone) == ("loaded", VERSION, False)
        assert run.cells[MACHINE, VERSION, source, target].through == ""


async def test_an_alias_of_one_that_fails_is_tried_itself() -> None:
    world = World({(VERSION, "one", "two"): "refused"})
    run = await tried(world)
    cell = run.cells[MACHINE, NAME, "one", "two"]
    assert (cell.outcome.kind, cell.through, cell.alone) == ("loaded", "", True)
    assert run.cells[MACHINE, NAME, "one", "three"].through == VERSION


async def test_an_alias_of_a_flaky_one_is_tried_itself() -> None:
    way = (VERSION, "one", "two")
    world = World({way: "refused"}, sequence={way: ["refused", "loaded", "loaded"]})
    run = await tried(world)
    assert run.cells[MACHINE, *way].is_flaky
    assert run.cells[MACHINE, NAME, "one", "two"].alone


def _spec(
    builds: Mapping[str, Build], machine: str, devices: tuple[str, ...], accel: Accel
) -> MatrixSpec:
    some = [builds[version] for version in ("7.2.22", "10.0.13")]
    known = {each.name: learn(each, cache=cache_home()) for each in some}
    return spec_of(Selection((machine,), devices), some, known, accel)


@pytest.mark.lab
async def test_real_builds_say_which_names_are_one_processor(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    if not {"7.2.22", "10.0.13"} <= set(builds):
        pytest.skip("needs the builds 7.2.22 and 10.0.13")
    devices = (NAME, VERSION, "EPYC-v2-x86_64-cpu", "EPYC-x86_64-cpu", "e1000")
    cpu_aliases = await find_cpu_aliases(_spec(builds, "pc-q35-7.2", devices, accel))
    assert cpu_aliases == {("pc-q35-7.2", NAME): VERSION}


@pytest.mark.lab
async def test_a_machine_type_that_chooses_no_version_has_no_aliases(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    if not {"7.2.22", "10.0.13"} <= set(builds):
        pytest.skip("needs the builds 7.2.22 and 10.0.13")
    assert await find_cpu_aliases(_spec(builds, "pc-q35-3.1", (NAME, VERSION), accel)) == {}
