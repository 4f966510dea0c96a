"""`qcompat prove` as it is typed: on real builds, replayed, contradicted, and interrupted."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import qcompat.app.prove.prove
from qcompat.app.prove.portraits_at_stops import portraits_at_stops
from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.cli import run
from qcompat.local.home import cache_home, data_home
from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.trial.archive_reader import read_archive
from qcompat.trial.stop import Stop
from tools.case import read_case, write_case

pytestmark = pytest.mark.lab

Captured = pytest.CaptureFixture[str]
RNG = ("--", "-machine", "pc-q35-7.2", "-nodefaults", "-m", "64", "-device", "virtio-rng-pci")
QUEUES = ("10.0.13", "10.0.2", "11.1.3")


@pytest.fixture
def way(builds: Mapping[str, Build]) -> tuple[str, ...]:
    """The builds over which large queues travel on."""
    if missing := set(QUEUES) - set(builds):
        pytest.skip(f"needs the builds {', '.join(sorted(missing))}")
    return tuple(builds[version].name for version in QUEUES)


def answer(words: Sequence[str], capsys: Captured) -> tuple[int, dict[str, Any]]:
    code = run(["prove", "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_a_way_that_works_takes_a_line_a_hop(way: tuple[str, ...], capsys: Captured) -> None:
    assert run(["prove", way[1], way[0], "--back", *RNG]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0].strip() for line in lines[:2]] == [
        f"{way[1]} → {way[0]}",
        f"{way[0]} → {way[1]}",
    ]
    assert all("loads, as predicted" in line for line in lines[:2])
    assert lines[2:] == ["[exit 0: --promise loads]"]


def test_a_chain_that_fails_says_what_broke_and_what_foretold_it(
    way: tuple[str, ...], capsys: Captured
) -> None:
    assert run(["prove", *way, *RNG]) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert f"{way[1]} → {way[2]} refused, as predicted (blocked)" in text
    assert "the same 3 times out of 3" in text
    assert "virtio-rng-pci at 0000:00:01.0: its queue 0 arrives with 1024 entries" in text
    assert "QEMU VQ 0 vring.num 1024 exceeds allocated max 8 finding" in text
    assert "certain, rule queue_size_exceeded_on_target" in text


@pytest.mark.parametrize("where", ["2", "NAME"])
def test_a_reset_on_the_way_is_asked_for_by_number_or_build(
    way: tuple[str, ...], where: str, capsys: Captured
) -> None:
    stop = way[1] if where == "NAME" else where
    code, document = answer([*way, "--reset-at", stop, *RNG], capsys)
    assert code == 0
    assert [stop["reset"] for stop in document["stops"]] == [False, True, False]
    assert [hop["was_reset"] for hop in document["hops"]] == [True, False]


def test_json_tells_everything_of_a_failure(way: tuple[str, ...], capsys: Captured) -> None:
    code, document = answer([way[0], way[2], *RNG], capsys)
    (hop,) = document["hops"]
    assert code == 1
    assert document["schema"] == "qcompat.prove/3"
    assert document["outcomes"] == {"refused": 3}
    assert not document["flaky"]
    assert (hop["outcome"]["kind"], hop["predicted"], hop["contradicts"]) == (
        "refused",
        "blocked",
        False,
    )
    assert hop["cause"]["details"] == {"queue": "0", "sent": "1024", "own": "8"}
    assert hop["finding"]["rule"] == "queue_size_exceeded_on_target"
    assert "vring.num" in hop["target_log"]


@pytest.mark.parametrize("variant", ["multifd", "postcopy"])
def test_other_variants_go_straight_from_one_qemu_to_the_other(
    way: tuple[str, ...], variant: str, capsys: Captured
) -> None:
    code, document = answer([way[1], way[0], "--variant", variant, "--back", *RNG], capsys)
    assert code == 0
    assert document["variant"] == variant
    assert all(hop["total"] is not None for hop in document["hops"])


def test_a_refusal_is_the_same_by_any_variant(way: tuple[str, ...], capsys: Captured) -> None:
    code, document = answer([way[0], way[2], "--variant", "multifd", *RNG], capsys)
    assert code == 1
    assert document["hops"][0]["cause"]["kind"] == "queue size"


def test_a_guest_may_have_run_its_firmware_before(way: tuple[str, ...], capsys: Captured) -> None:
    code, document = answer([way[1], way[0], "--moment", "firmware", *RNG], capsys)
    assert code == 0
    assert document["moment"] == "firmware"
    assert not document["contradicts"]


def test_what_is_kept_can_be_replayed_and_made_a_case(
    way: tuple[str, ...], capsys: Captured, tmp_path: Path
) -> None:
    kept = tmp_path / "trial.tar.zst"
    assert run(["prove", *way, "--keep", str(kept), *RNG]) == 1
    assert f"qcompat prove --replay {kept}" in capsys.readouterr().out.replace("\n", "")
    code, document = answer(["--replay", str(kept)], capsys)
    assert code == 1
    assert [each["kind"] for each in document["before"]["outcomes"]] == ["loaded", "refused"]
    place = write_case(read_archive(kept), tmp_path / "case")
    assert [hop.outcome for hop in read_case(place).hop] == ["loaded", "refused"]
    assert run(["prove", "--replay", str(kept)]) == 1
    assert "replayed  same outcome as before" in capsys.readouterr().out


@pytest.fixture
def wrong_portraits(monkeypatch: pytest.MonkeyPatch, way: tuple[str, ...]) -> None:
    """Every stop is predicted from the portrait of 10.0.2, which has small queues."""

    async def wrong(
        portraits: Portraits, stops: Sequence[Stop], accel: Accel, moment: Moment
    ) -> tuple[Portrait | str, ...]:
        build = Registry(data_home()).get(way[1])
        (portrait,) = await portraits_at_stops(
            portraits, (Stop(build, stops[0].guest),), accel, moment
        )
        return (portrait,) * len(stops)

    monkeypatch.setattr(qcompat.app.prove.prove, "portraits_at_stops", wrong)


@pytest.fixture
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data home with the builds of this machine and nothing else."""
    home = tmp_path / "home"
    shutil.copytree(data_home() / "builds", home / "builds")
    monkeypatch.setenv("QCOMPAT_HOME", str(home))
    return home


@pytest.mark.usefixtures("wrong_portraits")
def test_a_contradiction_is_said_and_kept_once_however_often_it_happens(
    way: tuple[str, ...], own_home: Path, capsys: Captured
) -> None:
    for _ in range(2):
        code, document = answer([way[0], way[2], *RNG], capsys)
        assert (code, document["contradicts"]) == (1, True)
    (kept,) = (own_home / "contradictions").iterdir()
    assert document["kept"] == str(kept)
    assert read_archive(kept).manifest.contradicts
    assert run(["prove", way[0], way[2], *RNG]) == 1
    assert "CONTRADICTS the verdict" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["one"], "a trial needs a source and a target"),
        (["one", "two"], "no guest is given"),
        (["one.qcp", "two", "--machine", "q35"], "a trial needs builds to run"),
        (["no-such", "other", "--machine", "q35"], "no build named 'no-such'"),
        (["--replay", "no-such-file"], "cannot read no-such-file"),
        (["one", "two", "--replay", "x", "--back"], "an archive contains its builds"),
        (["one", "two", "--keep", "/no/where/x", "--machine", "q35"], "there is no directory"),
    ],
)
def test_wrong_usage_is_refused_before_anything_runs(
    words: list[str], message: str, capsys: Captured
) -> None:
    assert run(["prove", *words]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert not captured.out


def test_a_stop_that_is_none_is_named(way: tuple[str, ...], capsys: Captured) -> None:
    assert run(["prove", way[0], way[1], "--reset-at", "3", *RNG]) == 2
    assert "--reset-at 3 is not a stop" in capsys.readouterr().err


def test_a_guest_that_no_build_starts_is_wrong_usage(
    way: tuple[str, ...], capsys: Captured
) -> None:
    assert run(["prove", *way, "--machine", "pc-q35-7.2", "--device", "no-such"]) == 2
    assert "no-such" in capsys.readouterr().err


def living_with(mark: str) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark.encode() in place.read_bytes():
                found.append(int(place.parent.name))
    return found


@contextlib.contextmanager
def going_on(
    words: Sequence[str], mark: str, place: Path
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A trial that would go on for long, in a process of its own, with an empty TMPDIR."""
    temporary = place / "tmp"
    temporary.mkdir()
    shutil.copytree(cache_home() / "facts", place / "cache" / "facts")
    program = [str(Path(sys.executable).with_name("qcompat")), "prove", "--times", "1000"]
    guest = ["--", "-machine", "pc-q35-7.2", "-nodefaults", "-m", "64", "-uuid", mark]
    environment = {**os.environ, "TMPDIR": str(temporary), "QCOMPAT_CACHE": str(place / "cache")}
    with subprocess.Popen(
        [*program, *words, *guest],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process, temporary
        finally:
            process.kill()


def wait_until_gone(mark: str, temporary: Path) -> tuple[list[int], list[Path]]:
    for _ in range(200):
        left = living_with(mark), sorted(temporary.iterdir())
        if left == ([], []):
            break
        time.sleep(0.05)
    return left


ENDS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)]


@pytest.mark.parametrize(
    ("variant", "number", "code"),
    [("precopy", *end) for end in ENDS] + [("multifd", *end) for end in ENDS[1::2]],
)
def test_no_signal_leaves_a_qemu_a_socket_or_a_file(
    way: tuple[str, ...], number: signal.Signals, code: int, variant: str, tmp_path: Path
) -> None:
    mark = f"00000000-0000-4000-a000-{number:06}{os.getpid() % 10**6:06}"
    words = [way[1], way[0], "--back", "--variant", variant]
    with going_on(words, mark, tmp_path) as (process, temporary):
        deadline = time.monotonic() + 60
        while len(living_with(mark)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(1)  # somewhere in a portrait or a trial
        assert process.poll() is None, process.stderr and process.stderr.read()
        process.send_signal(number)
        assert process.wait(20) == code
    assert wait_until_gone(mark, temporary) == ([], [])


def test_a_paused_guest_takes_no_device(way: tuple[str, ...], capsys: Captured) -> None:
    assert run(["prove", "--hotplug", way[0], way[1], *RNG]) == 2
    assert "add --live" in capsys.readouterr().err
