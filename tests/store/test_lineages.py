"""Recording events: in order, once each, whole, whoever else records and whatever is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qcompat.errors import UsageError
from qcompat.lineage.event import Off, Reset
from qcompat.lineage.lineage import Lineage
from qcompat.store.database import connect
from qcompat.store.lineages import append, events, lineage, named_by, names
from tests.lineage.events import started

_SPAWN = multiprocessing.get_context("spawn")


def test_what_was_appended_is_read_again_in_order(store_url: str) -> None:
    engine = connect(store_url)
    grown = append(engine, lineage(engine, "g"), started())
    grown = append(engine, grown, Reset("t1"))
    assert lineage(engine, "g") == grown
    assert events(connect(store_url), "g") == (started(), Reset("t1"))
    assert names(engine) == ("g",)


def test_two_who_record_at_once_do_not_write_history_twice(store_url: str) -> None:
    engine = connect(store_url)
    seen = append(engine, lineage(engine, "g"), started())
    append(engine, seen, Reset("t1"))
    with pytest.raises(UsageError, match="recorded meanwhile") as caught:
        append(engine, seen, Off("t1"))
    assert "qcompat guest show g" in caught.value.hint
    assert events(engine, "g") == (started(), Reset("t1"))


def test_what_cannot_happen_is_not_written(store_url: str) -> None:
    engine = connect(store_url)
    with pytest.raises(UsageError):
        append(engine, Lineage("g"), Off("t"))
    assert names(engine) == ()


@pytest.mark.parametrize("name", ["", "-g", "a\nb", "x" * 256])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/s.db")
    with pytest.raises(UsageError, match="cannot name a guest"):
        append(engine, Lineage(name), started())


def test_a_guest_is_found_by_the_uuid_of_its_last_start(store_url: str) -> None:
    import msgspec

    engine = connect(store_url)
    born = msgspec.structs.replace(started(), uuid="ABCDEF00-0000-0000-0000-000000000000")
    append(engine, lineage(engine, "g"), born)
    assert named_by(engine, born.uuid.lower()) == ("g",)
    assert named_by(engine, "") == ()


def test_many_processes_open_and_record_at_once(store_url: str) -> None:
    """All begin with a store that is not there yet; every event of each is kept."""
    workers = [_SPAWN.Process(target=_record, args=(store_url, f"g{n}", 6)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * 3
    engine = connect(store_url)
    assert [lineage(engine, f"g{n}").length for n in range(3)] == [7] * 3


def _record(url: str, name: str, resets: int) -> None:
    engine = connect(url)
    seen = append(engine, lineage(engine, name), started())
    for number in range(resets):
        seen = append(engine, seen, Reset(f"t{number}"))


_WRITER = """
import sys
from qcompat.store.database import connect
from qcompat.store.lineages import append, lineage
from qcompat.lineage.event import Reset
from tests.lineage.events import started
engine = connect(sys.argv[1])
seen = append(engine, lineage(engine, "g"), started())
while True:
    seen = append(engine, seen, Reset("t"))
    print(seen.length, flush=True)
"""


@pytest.mark.parametrize("writes", [1, 23])
def test_a_writer_that_is_killed_leaves_whole_events_and_a_whole_store(
    tmp_path: Path, writes: int
) -> None:
    """What was told to be written is there; at most one event more, and it is whole."""
    url = f"sqlite:///{tmp_path}/s.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, url],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        text=True,
    )
    assert writer.stdout is not None
    said = [int(writer.stdout.readline()) for _ in range(writes)]
    time.sleep(0.003)
    writer.send_signal(signal.SIGKILL)
    said += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    found = lineage(connect(url), "g")
    assert said[-1] <= found.length <= said[-1] + 1
    assert found.cycle is not None
