"""Workers on the loopback: they do what is asked of them, with their own builds or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.errors import BuildError, EnvironmentError_, UsageError
from qcompat.guest.single import single_device
from qcompat.portrait.portrait import Accel
from qcompat.trial.matrix.deciding.batch import Batch
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.packed_guest import own_guest
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.trial.matrix.running import cluster
from qcompat.trial.matrix.running.cluster import connect, missing_here, own_build
from qcompat.trial.matrix.running.run import MatrixRun

pytestmark = pytest.mark.lab
M = "pc-q35-7.2"


@pytest.fixture
async def scheduler() -> AsyncIterator[Any]:
    """A scheduler and a worker in this process, reachable from this machine only."""
    distributed = pytest.importorskip("distributed")
    async with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        processes=False,
        asynchronous=True,
        host="127.0.0.1",
        protocol="tcp://",
        dashboard_address=None,
    ) as workers:
        yield workers


@pytest.fixture
def pair(builds: Mapping[str, Build]) -> tuple[Build, ...]:
    if not {"7.2.22", "10.0.13"} <= builds.keys():
        pytest.skip("needs the builds 7.2.22 and 10.0.13")
    return (builds["7.2.22"], builds["10.0.13"])


def spec(pair: tuple[Build, ...], accel: Accel) -> MatrixSpec:
    entries = (MatrixEntry(name, M, single_device(M, name)) for name in ("e1000", "am53c974"))
    return MatrixSpec(tuple(entries), {M: pair}, accel)


async def test_a_matrix_is_spread_over_workers(
    scheduler: Any, pair: tuple[Build, ...], accel: Accel
) -> None:
    asked = spec(pair, accel)
    async with connect(scheduler.scheduler_address, pair, accel) as workers:
        run = MatrixRun(asked, workers.perform, lambda _: None, width=workers.width)
        await run.finish()
    failing = [key[1:] for key, cell in run.cells.items() if not cell.outcome.loads]
    assert failing == [("am53c974", pair[0].name, pair[1].name)]
    assert len(run.cells) == 4


async def test_a_worker_with_another_binary_of_that_name_is_refused(
    scheduler: Any, pair: tuple[Build, ...], accel: Accel
) -> None:
    identity = msgspec.structs.replace(pair[0].identity, sha256="0" * 64)
    strange = msgspec.structs.replace(pair[0], identity=identity)
    with pytest.raises(BuildError, match=f"its build {pair[0].name} is another one"):
        async with connect(scheduler.scheduler_address, (strange, pair[1]), accel):
            pytest.fail("it was taken")


async def test_a_strange_build_is_refused_with_the_batch_too(
    scheduler: Any, pair: tuple[Build, ...], accel: Accel
) -> None:
    identity = msgspec.structs.replace(pair[0].identity, sha256="0" * 64)
    strange = msgspec.structs.replace(pair[0], identity=identity)
    entry = spec(pair, accel).entries[0]
    async with connect(scheduler.scheduler_address, pair, accel) as workers:
        with pytest.raises(BuildError, match="is another one"):
            await workers.perform(Batch(own_guest(entry), strange, (pair[1],), accel))


def test_a_build_that_is_not_here_is_told(pair: tuple[Build, ...], accel: Accel) -> None:
    unknown = msgspec.structs.replace(pair[0], name="not-registered")
    assert "not-registered" in missing_here((unknown,), accel)
    assert missing_here(pair, accel) == ""
    assert own_build(pair[0]) == pair[0]


async def test_nobody_at_the_address_is_told(
    pair: tuple[Build, ...], accel: Accel, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(EnvironmentError_, match="does not answer"):
        async with connect("tcp://127.0.0.1:9", pair, accel):
            pytest.fail("it connected")


async def test_an_address_that_is_none_is_told(pair: tuple[Build, ...], accel: Accel) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="not a scheduler's address"):
        async with connect("nonsense://x", pair, accel):
            pytest.fail("it connected")


async def test_without_distributed_the_extra_is_named(
    pair: tuple[Build, ...], accel: Accel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UsageError) as failure:
        async with connect("tcp://127.0.0.1:9", pair, accel):
            pytest.fail("it connected")
    assert "qcompat[cluster]" in failure.value.hint
