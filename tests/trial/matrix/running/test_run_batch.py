"""A packed guest gives the outcomes of guests with one device (real QEMUs); the saved stream."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.plain_canary import plainly
from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel
from qcompat.trial.matrix.cell import Cell
from qcompat.trial.matrix.deciding.batch import Batch
from qcompat.trial.matrix.question.packed_guest import own_guest
from qcompat.trial.matrix.question.selection import Selection, spec_of
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.trial.matrix.running.run import MatrixRun
from qcompat.trial.matrix.running.run_batch import Local, SavedStream, run_batch

M = "pc-q35-7.2"
DEVICES = (
    *("virtio-rng-pci", "e1000", "pvpanic-pci", "usb-kbd", "am53c974", "isa-ipmi-kcs"),
    *("usb-audio", "ich9-ahci", "virtio-9p-pci", "isa-debugcon", "nvdimm"),
)
"""Some that load everywhere, some that fail between these builds, one that no build can save."""


@pytest.fixture
def some(builds: Mapping[str, Build], accel: Accel) -> MatrixSpec:
    chosen = [build for version, build in builds.items() if version in ("7.2.22", "10.0.13")]
    chosen += [build for version, build in builds.items() if version.startswith("11.1.")]
    if len(chosen) < 3:
        pytest.skip("needs the builds 7.2.22, 10.0.13 and 11.1")
    facts = {build.name: learn(build, cache=cache_home()) for build in chosen}
    return spec_of(Selection((M,), DEVICES), chosen, facts, accel)


@pytest.mark.lab
async def test_outcomes_are_those_of_guests_with_one_device(some: MatrixSpec) -> None:
    local = Local(4)
    settled: list[Cell] = []
    run = MatrixRun(some, local.perform, settled.extend, width=local.width)
    await run.finish()
    alone = await plainly(some, 4)
    assert {key: cell.outcome.kind for key, cell in run.cells.items()} == {
        key: outcome.kind for key, outcome in alone.items()
    }
    failing = {cell.guest for cell in run.cells.values() if not cell.outcome.loads}
    assert {"am53c974", "virtio-9p-pci", "usb-audio"} <= failing
    assert all(cell.alone for cell in run.cells.values() if not cell.outcome.loads)
    assert sum(not cell.alone for cell in run.cells.values()) > len(run.cells) / 3
    assert {cell.key for cell in settled} == set(some.keys)


@pytest.mark.lab
async def test_a_batch_saves_once_and_times_its_qemus(some: MatrixSpec) -> None:
    source, *targets = some.able[M]
    entry = next(entry for entry in some.entries if entry.name == "e1000")
    batch = Batch(own_guest(entry), source, tuple(targets), some.accel)
    report = await run_batch(batch, asyncio.Semaphore(2))
    assert report.refusal is None
    assert {name: outcome.kind for name, outcome in report.outcomes.items()} == {
        target.name: "loaded" for target in targets
    }
    assert report.seconds > 0


@pytest.mark.lab
async def test_a_source_that_cannot_save_leaves_nothing_to_load(some: MatrixSpec) -> None:
    source, *targets = some.able[M]
    entry = next(entry for entry in some.entries if entry.name == "usb-audio")
    report = await run_batch(
        Batch(own_guest(entry), source, tuple(targets), some.accel), asyncio.Semaphore(2)
    )
    assert report.refusal is not None
    assert "usb-audio" in report.refusal.message
    assert {outcome.kind for outcome in report.outcomes.values()} == {"no_stream"}


@pytest.mark.parametrize("most", [1 << 20, 1000])
def test_every_reader_has_its_own_position(most: int) -> None:
    content = bytes(range(256)) * 100
    with SavedStream(most) as saved:
        saved.file.write(content)
        with saved.reader() as one, saved.reader() as other:
            assert one.read(100) == other.read(100) == content[:100]
            assert one.read() == content[100:]
            assert other.read(1) == content[100:101]


def test_a_large_stream_is_in_a_file_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with SavedStream(10) as saved:
        saved.file.write(b"x" * 4096)
        with saved.reader() as reader:
            assert len(reader.read()) == 4096
        assert list(tmp_path.iterdir()) == []
