from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from qcompat.errors import StoreError
from qcompat.qemu.outcome import Outcome
from qcompat.store.database import connect
from qcompat.trial.matrix.cell import Cell
from qcompat.trial.matrix.running.record import Record


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return connect(f"sqlite:///{tmp_path}/store.db")


def cell(guest: str, kind: str = "loaded") -> Cell:
    return Cell("m", guest, "one", "two", Outcome(kind))  # type: ignore[arg-type]


def test_a_resumed_run_knows_its_cells(engine: Engine) -> None:
    with Record(engine, "question") as record:
        record.add([cell("a"), cell("b")])
        record.add([cell("c")])
    again = Record(engine, "question", resume=True)
    assert again.is_resumed
    assert {known.guest for known in again.settled()} == {"a", "b", "c"}


def test_a_cell_told_again_replaces_the_earlier_one(engine: Engine) -> None:
    with Record(engine, "question") as record:
        record.add([cell("a")])
    with Record(engine, "question", resume=True) as record:
        record.add([cell("a", "refused")])
    (known,) = Record(engine, "question", resume=True).settled()
    assert known.outcome.kind == "refused"


def test_within_one_write_the_last_one_counts(engine: Engine) -> None:
    with Record(engine, "question") as record:
        record.add([cell("a"), cell("a", "refused")])
    (known,) = Record(engine, "question", resume=True).settled()
    assert known.outcome.kind == "refused"


def test_a_fresh_run_begins_with_nothing_and_another_question_is_another_run(
    engine: Engine,
) -> None:
    with Record(engine, "question") as record:
        record.add([cell("a")])
    assert Record(engine, "question").settled() == ()
    assert Record(engine, "other", resume=True).settled() == ()


def test_the_latest_run_is_gone_on_with(engine: Engine) -> None:
    for guest in ("a", "b"):
        with Record(engine, "question") as record:
            record.add([cell(guest)])
    assert [c.guest for c in Record(engine, "question", resume=True).settled()] == ["b"]


def test_two_runs_of_one_question_at_once_do_not_mix(engine: Engine) -> None:
    one, other = Record(engine, "question"), Record(engine, "question")
    with one, other:
        one.add([cell("a")])
        other.add([cell("b")])
    assert [c.guest for c in Record(engine, "question", resume=True).settled()] == ["b"]


def test_a_store_that_fails_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StoreError("the disk is full")

    record = Record(engine, "question")
    monkeypatch.setattr("qcompat.store.cells.add", broken)
    with pytest.raises(StoreError, match="the disk is full"), record:
        record.add([cell("a")])


def test_time_adds_up_over_the_parts_of_a_run(engine: Engine) -> None:
    with Record(engine, "question") as record:
        record.add([cell("a")])
    first = record.seconds
    assert Record(engine, "question", resume=True).seconds > 0
    assert first > 0
