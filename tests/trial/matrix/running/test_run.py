from __future__ import annotations

import asyncio
import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import BuildError
from qcompat.trial.matrix.cell import Cell, CellKey
from qcompat.trial.matrix.deciding.batch import Batch, BatchReport
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.trial.matrix.running.run import MatrixRun
from tests.trial.matrix.conftest import NAMES, World, spec

SPEC = spec()
GUESTS = [entry.name for entry in SPEC.entries]
WAYS = [(guest, key[2], key[3]) for key in SPEC.keys for guest in [key[1]]]
KINDS = st.sampled_from(["refused", "crashed", "hung", "no_start"])


async def tried(world: World, over: MatrixSpec = SPEC, done: tuple[Cell, ...] = ()) -> MatrixRun:
    run = MatrixRun(over, world.perform, lambda _: None, width=3, settled=done)
    await run.finish()
    return run


@given(
    fails=st.dictionaries(st.sampled_from(WAYS), KINDS, max_size=12),
    unsaved=st.sets(st.tuples(st.sampled_from(GUESTS), st.sampled_from(NAMES)), max_size=4),
    names=st.booleans(),
)
def test_sharing_a_guest_never_changes_an_outcome(
    fails: dict[tuple[str, str, str], str], unsaved: set[tuple[str, str]], names: bool
) -> None:
    run = asyncio.run(tried(World(fails, unsaved, names)))
    assert set(run.cells) == set(SPEC.keys)
    for (_, guest, source, target), cell in run.cells.items():
        expected = fails.get((guest, source, target), "loaded")
        assert cell.outcome.kind == ("no_stream" if (guest, source) in unsaved else expected)


@given(fails=st.dictionaries(st.sampled_from(WAYS), KINDS, min_size=1, max_size=12))
def test_what_fails_has_failed_alone_three_times(fails: dict[tuple[str, str, str], str]) -> None:
    run = asyncio.run(tried(World(fails)))
    failed = [cell for cell in run.cells.values() if not cell.outcome.loads]
    assert failed
    for cell in failed:
        assert cell.alone
        assert cell.counts == {cell.outcome.kind: 3}


async def test_where_all_load_each_source_is_saved_once_for_many() -> None:
    world = World()
    await tried(world)
    shared = [batch for batch in world.batches if not batch.packed.alone and batch.targets]
    assert {batch.source.name for batch in shared} == set(NAMES)
    assert len(shared) == len(NAMES)
    assert all(len(batch.packed.members) == len(GUESTS) - 1 for batch in shared)


async def test_a_guest_that_only_one_build_cannot_save_is_tried_again() -> None:
    run = await tried(World(unsaved=[("edu", "one")]))
    cells = [cell for key, cell in run.cells.items() if key[1:3] == ("edu", "one")]
    assert [cell.counts for cell in cells] == [{"no_stream": 3}] * 2


async def test_a_guest_that_no_build_can_save_is_tried_once_alone() -> None:
    world = World(unsaved=[("edu", name) for name in NAMES])
    await tried(world)
    alone = [batch for batch in world.batches if batch.packed.members == ("edu",) and batch.targets]
    assert len(alone) == len(NAMES)


async def test_a_flaky_cell_is_told_with_its_counts() -> None:
    way = ("edu", "one", "two")
    run = await tried(World({way: "refused"}, sequence={way: ["refused", "loaded", "refused"]}))
    cell = run.cells[("pc-q35-7.2", *way)]
    assert cell.is_flaky
    assert cell.counts == {"loaded": 1, "refused": 2}
    assert cell.outcome.kind == "refused"


async def test_what_was_settled_before_is_not_tried_again() -> None:
    first = await tried(World({("edu", "one", "two"): "refused"}))
    done = tuple(cell for cell in first.cells.values() if cell.source != "three")
    world = World()
    run = await tried(world, done=done)
    loaded = [batch for batch in world.batches if batch.targets]
    assert {batch.source.name for batch in loaded} == {"three"}
    assert not run.cells["pc-q35-7.2", "edu", "one", "two"].outcome.loads


async def test_a_whole_earlier_run_leaves_nothing_to_do() -> None:
    first = await tried(World())
    world = World()
    await tried(world, done=tuple(first.cells.values()))
    assert world.batches == []


async def test_a_load_that_its_verdict_denies_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from qcompat.verdict.judgement import Verdict

    key: CellKey = ("pc-q35-7.2", "edu", "one", "two")
    run = await tried(World())
    world = World()
    monkeypatch.setattr(run, "_perform", world.perform)
    await run.confirm({key: Verdict("blocked", ())})
    assert [batch.packed.members for batch in world.batches] == [("edu",)] * 3
    assert run.cells[key].counts == {"loaded": 3}


async def test_a_failure_of_our_own_ends_the_run_and_is_raised() -> None:
    async def broken(_: Batch) -> BatchReport:
        raise BuildError("the disk is gone")

    with pytest.raises(BuildError, match="the disk is gone"):
        await MatrixRun(SPEC, broken, lambda _: None, width=2).finish()


async def test_of_several_failures_at_once_none_is_printed_behind_our_back() -> None:
    async def broken(_: Batch) -> BatchReport:
        raise BuildError("the disk is gone")

    unheard: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: unheard.append(what))
    with pytest.raises(BuildError):
        await MatrixRun(SPEC, broken, lambda _: None, width=8).finish()
    gc.collect()
    await asyncio.sleep(0)
    assert unheard == []


async def test_a_cancelled_run_cancels_what_is_under_way() -> None:
    ended: list[str] = []

    async def slow(batch: Batch) -> BatchReport:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(batch.packed.members[0])
        raise AssertionError

    task = asyncio.create_task(MatrixRun(SPEC, slow, lambda _: None, width=2).finish())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended
