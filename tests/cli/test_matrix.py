"""The command as it is typed: what it answers, what it refuses, and that a kill leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.trial.matrix.running.run import MatrixRun

M = "pc-q35-7.2"


@pytest.fixture(autouse=True)
def own_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QCOMPAT_STORE", f"sqlite:///{tmp_path}/results/store.db")


@pytest.fixture
def pair(builds: Mapping[str, Build]) -> list[str]:
    if not {"7.2.22", "10.0.13"} <= builds.keys():
        pytest.skip("needs the builds 7.2.22 and 10.0.13")
    return [builds["7.2.22"].name, builds["10.0.13"].name]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["one", "--machine", M], "two builds or more"),
        (["one", "two"], "no guest is given"),
        (["one", "two", "--device", "e1000"], "without a machine type"),
        (["one", "two", "--machine", M, "--device", "e1000", "--devices", "all"], "given twice"),
        (["one", "two", "--machine", M, "--device", ""], "--device is empty"),
        (["one", "two", "--machine", M], "no build named 'one'"),
        (["one", "two", "--guest", "/no/such"], "cannot read /no/such"),
        (["one", "two", "--machine", M, "--html", "/no/such/x.html"], "cannot write"),
    ],
)
def test_wrong_usage_is_told_before_anything_runs(
    capsys: pytest.CaptureFixture[str], bare_machine: Path, arguments: list[str], said: str
) -> None:
    assert run(["matrix", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (bare_machine / "results").exists()


def test_a_build_of_bundled_portraits_only_is_told_apart(
    capsys: pytest.CaptureFixture[str], bare_machine: Path
) -> None:
    del bare_machine
    assert run(["matrix", "debian-7.2.22", "debian-10.0.13", "--machine", M]) == 2
    told = capsys.readouterr().err
    assert "debian-7.2.22 is not on this machine" in told
    assert "qcompat builds fetch" in told


@pytest.mark.lab
def test_what_fails_is_told_with_its_reason_and_files_are_written(
    capsys: pytest.CaptureFixture[str], pair: list[str], tmp_path: Path
) -> None:
    page, report = tmp_path / "page.html", tmp_path / "report.xml"
    devices = ["--device", "e1000", "--device", "am53c974", "--device", "virtio-rng-pci"]
    files = ["--html", str(page), "--junit", str(report)]
    assert run(["matrix", *pair, "--machine", M, *devices, *files]) == 1
    told = capsys.readouterr().out
    assert "6 migrations: 5 load, 1 fail" in told
    assert "am53c974" in told
    assert "<html" in page.read_text()
    assert "<testsuites" in report.read_text()


@pytest.mark.lab
def test_json_says_every_cell_and_serves_as_baseline(
    capsys: pytest.CaptureFixture[str], pair: list[str], tmp_path: Path
) -> None:
    question = ["matrix", *pair, "--machine", M, "--device", "am53c974", "--json"]
    assert run(question) == 1
    text = capsys.readouterr().out
    document = json.loads(text)
    assert document["schema"] == "qcompat.matrix/3"
    refused, loaded = document["cells"]
    assert (refused["source"], refused["target"]) == tuple(pair)
    assert (refused["outcome"]["kind"], refused["counts"]) == ("refused", {})
    assert (refused["predicted"], refused["alone"]) == ("blocked", True)
    assert refused["reasons"]
    assert loaded["outcome"]["kind"] == "loaded"
    baseline = tmp_path / "before.json"
    baseline.write_text(text)
    assert run([*question, "--baseline", str(baseline)]) == 0


@pytest.mark.lab
def test_a_whole_guest_from_a_file(
    capsys: pytest.CaptureFixture[str], pair: list[str], tmp_path: Path
) -> None:
    guest = tmp_path / "web"
    guest.write_text(f"# a server\n-machine {M} -nodefaults -m 64\n-device e1000\n")
    assert run(["matrix", *pair, "--guest", str(guest), "--accel", "tcg", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {cell["guest"] for cell in document["cells"]} == {"web"}
    assert document["accel"] == "tcg"


@pytest.mark.lab
@pytest.mark.usefixtures("builds")
def test_a_line_that_a_target_does_not_start_with_fails_there_however_its_twin_loads(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    guest = tmp_path / "web"
    guest.write_text(
        "-machine pc-q35-5.2 -nodefaults -m 64 -netdev stream,id=n,addr.type=unix,addr.path=/x"
    )
    question = ["matrix", "debian-10.0.13", "debian-5.2.0", "--guest", str(guest), "--json"]
    for _ in range(2):  # the second time from portraits at hand
        assert run(question) == 1
        cells = json.loads(capsys.readouterr().out)["cells"]
        there = next(cell for cell in cells if cell["target"] == "debian-5.2.0")
        assert there["predicted"] == "blocked"
        assert any(r["rule"] == "uncovered_option_missing" for r in there["reasons"])


@pytest.mark.lab
def test_a_resumed_run_does_nothing_twice(
    capsys: pytest.CaptureFixture[str], pair: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    question = ["matrix", *pair, "--machine", M, "--device", "e1000", "--device", "am53c974"]
    assert run(question) == 1
    capsys.readouterr()

    async def never(*_: object) -> None:
        raise AssertionError("it was tried again")

    monkeypatch.setattr("qcompat.trial.matrix.running.run_batch.run_batch", never)
    assert run([*question, "--resume"]) == 1
    assert "4 migrations: 3 load, 1 fail" in capsys.readouterr().out


def _start(pair: list[str]) -> subprocess.Popen[bytes]:
    program = str(Path(sys.executable).with_name("qcompat"))
    question = [*pair, "--machine", M, "--devices", "all", "--json"]
    return subprocess.Popen(
        [program, "matrix", *question],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "QCOMPAT_MARK": _mark()},
    )


def _mark() -> str:
    return f"qcompat-test-{os.getpid()}"


def _descendants(pid: int) -> set[int]:
    """The processes of that one, and theirs; those that died with their parent are still known."""
    children: dict[int, set[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(words[1]), set()).add(int(path.parent.name))
    found: set[int] = set()
    left = [pid]
    while left:
        new = children.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def _stored(store: Path) -> set[tuple[str, ...]]:
    import sqlite3

    if not store.exists():
        return set()
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        try:
            rows = connection.execute("SELECT guest, source, target FROM matrix_cells").fetchall()
        except sqlite3.OperationalError:
            return set()
    return set(rows)


def _await(process: subprocess.Popen[bytes], store: Path) -> set[int]:
    """Wait until some cells are kept and QEMUs run; the processes that there are then."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it was to be killed"
        running = _descendants(process.pid)
        if len(_stored(store)) >= 5 and any(_is_qemu(pid) for pid in running):
            return running
        time.sleep(0.05)
    raise AssertionError("nothing was settled in two minutes")


def _is_qemu(pid: int) -> bool:
    try:
        return "qemu" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False


def _alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and not _is_zombie(pid)}


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.lab
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGKILL, -9), (signal.SIGTERM, 128 + 15), (signal.SIGINT, 130)],
)
def test_a_killed_run_leaves_no_process_and_no_file_and_keeps_its_results(
    pair: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    code: int,
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    store = tmp_path / "results" / "store.db"
    process = _start(pair)
    running = _await(process, store)
    process.send_signal(number)
    assert process.wait(30) == code
    deadline = time.monotonic() + 10
    while _alive(running) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _alive(running) == set()
    assert list(scratch.iterdir()) == []
    before = _stored(store)
    assert before
    if number == signal.SIGKILL:
        _check_resume(pair, before, monkeypatch)
    capsys.readouterr()


def _check_resume(
    pair: list[str], before: set[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resumed run has exactly the rest to do."""
    seen: list[set[tuple[str, ...]]] = []

    async def look(trying: MatrixRun) -> None:
        seen.append({key[1:] for key in trying.cells})

    monkeypatch.setattr(MatrixRun, "finish", look)
    monkeypatch.setattr(MatrixRun, "confirm", _nothing)
    run(["matrix", *pair, "--machine", M, "--devices", "all", "--json", "--resume"])
    assert seen == [before]


async def _nothing(*_: object) -> None:
    return None
