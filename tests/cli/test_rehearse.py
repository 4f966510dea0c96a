"""`qcompat rehearse` on real running guests: what loads, what does not, and that they run on."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.trial.archive_reader import read_archive
from tests.running_guest import Order, give, plug, running

WORDS = [
    *("-machine", "pc-q35-7.2", "-nodefaults", "-m", "64", "-device", "virtio-rng-pci"),
    *("-blockdev", "null-co,node-name=d,size=1048576", "-device", "virtio-blk-pci,drive=d"),
    *("-netdev", "user,id=n", "-device", "e1000e,netdev=n"),
]
SOURCE = "10.0.13"


@pytest.fixture(scope="module")
def guest(builds: Mapping[str, Build], accel: Accel) -> Iterator[Path]:
    """The monitor of a guest that runs its firmware on Debian's 10.0.13."""
    if SOURCE not in builds:
        pytest.skip(f"needs the build {SOURCE}")
    with running(builds[SOURCE], WORDS, accel, seconds=1) as (path, process):
        yield path
        assert process.poll() is None


def _trials(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    trials: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["trials"]
    return trials


@pytest.mark.lab
def test_a_guest_is_rehearsed_there_and_back_and_kept(
    guest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["rehearse", "--qmp", str(guest), "--to", "debian-10.0.2", "--back", "--keep"]
    assert run([*words, str(tmp_path)]) in (0, 3)
    said = capsys.readouterr()
    assert "stopping the guest for a millisecond or two" in said.err
    assert "debian-10.0.13 → debian-10.0.2" in said.out
    assert "debian-10.0.2 → debian-10.0.13" in said.out
    assert said.out.count("loads") >= 2
    assert "the guest stood still for" in said.out
    assert "virtio rings" in said.out
    (kept,) = tmp_path.glob("*.tar.zst")
    archive = read_archive(kept)
    assert (archive.manifest.method, archive.manifest.moment) == ("rehearsal", "running")
    assert len(archive.streams[1]) < 4 << 20  # 64 MiB of guest memory are not in it
    assert run(["prove", "--replay", str(kept)]) == 2
    assert "qcompat rehearse --state" in capsys.readouterr().err


@pytest.mark.lab
def test_the_outcome_is_kept_in_the_lineage(
    guest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", f"sqlite:///{tmp_path}/store.db"]
    command = ["rehearse", "--qmp", str(guest), "--to", "debian-11.1.3", "--name", "g1", *store]
    assert run(command) == 2
    assert "no guest named 'g1'" in capsys.readouterr().err
    assert run(["guest", "start", "g1", f"debian-{SOURCE}", *store, "--", *WORDS]) == 0
    assert run(command) in (0, 1, 3)
    capsys.readouterr()
    assert run(["guest", "show", "g1", *store, "--json"]) == 0
    (stay,) = json.loads(capsys.readouterr().out)["stays"]
    (kept,) = stay["rehearsals"]
    assert kept["build"] == "debian-11.1.3"
    assert kept["outcome"] in ("loaded", "refused")
    assert run(["guest", "show", "g1", *store]) == 0
    assert f"{kept['outcome']} at {kept['at']}" in capsys.readouterr().out
    assert run(["guest", "moved", "g1", "debian-10.0.2", *store, "--anyway"]) in (0, 1, 3)
    assert run(command) == 2
    assert "runs on debian-10.0.2" in capsys.readouterr().err


@pytest.mark.lab
def test_a_target_that_refuses_says_why_and_the_others_load(
    guest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """10.0.13 gives virtio-rng queues of 1024 entries, and 11.1.3 looks at that."""
    words = ["rehearse", "--qmp", str(guest), "--to", "debian-11.1.3", "--to", "debian-10.0.13"]
    assert run([*words, "--json"]) == 1
    first, second = _trials(capsys)
    assert (first["ending"], second["ending"]) == ("refused", "loaded")
    assert first["hops"][0]["cause"]["kind"] == "queue size"


@pytest.mark.lab
def test_a_state_is_taken_on_one_host_and_loaded_on_another(
    guest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "web1.qcp"
    assert run(["portrait", "take", "--qmp", str(guest), "-o", str(state)]) == 0
    said = capsys.readouterr()
    assert "the guest stood still for" in said.err
    assert not said.out
    assert read_portrait(state).moment == "running"
    assert run(["rehearse", "--state", str(state), "--to", "debian-10.0.2"]) in (0, 3)
    assert "stood still" not in capsys.readouterr().out
    assert run(["rehearse", "--state", str(state), "--to", "debian-11.1.3"]) == 1


@pytest.mark.lab
def test_a_guest_that_cannot_be_migrated_is_blocked_on_every_target(
    builds: Mapping[str, Build], accel: Accel, capsys: pytest.CaptureFixture[str]
) -> None:
    if SOURCE not in builds:
        pytest.skip(f"needs the build {SOURCE}")
    words = [*WORDS, "-device", "nvme,drive=e,serial=1", "-blockdev", "null-co,node-name=e"]
    with running(builds[SOURCE], words, accel) as (path, process):
        assert run(["rehearse", "--qmp", str(path), "--to", "debian-10.0.13", "--json"]) == 1
        assert process.poll() is None
    (trial,) = _trials(capsys)
    assert trial["ending"] == "no_stream"
    assert "nvme" in trial["hops"][0]["outcome"]["message"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "one running guest is needed"),
        (["--qmp", "q"], "no target is given"),
        (["--qmp", "q", "--state", "s", "--to", "b"], "name two guests"),
        (["--state", "s"], "no target is given"),
        (["--qmp", "q", "--to", "b", "--keep", "/nowhere"], "not a directory"),
        (["--qmp", "/nowhere/q", "--to", "b"], "cannot open /nowhere/q"),
        (["--state", "/nowhere/s.qcp", "--to", "b"], "cannot"),
    ],
)
def test_an_unclear_question_is_one_error(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rehearse", *words]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert not said.out


def test_a_portrait_that_is_not_of_a_running_guest_is_refused(
    recording: Callable[[str], Portrait], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "paused.qcp"
    write_portrait(recording("blk@10.0.13"), path)
    assert run(["rehearse", "--state", str(path), "--to", "debian-10.0.13"]) == 2
    assert "not a running one" in capsys.readouterr().err


@pytest.mark.lab
def test_a_guest_that_is_not_what_its_arguments_say_is_not_rehearsed_as_them(
    guest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Arguments without its card, which was not plugged in either."""
    words = [word for word in WORDS if word not in ("-netdev", "user,id=n", "e1000e,netdev=n")]
    path = tmp_path / "argv"
    path.write_text(" ".join(["qemu-system-x86_64", *words[:-1]]))
    command = ["rehearse", "--qmp", str(guest), "--argv", str(path), "--to", "debian-10.0.2"]
    assert run(command) == 2
    said = capsys.readouterr().err
    assert "not what its arguments say: e1000e at" in said
    assert "--argv" in said


@pytest.mark.lab
def test_a_guest_that_is_not_what_its_arguments_say_is_judged_unknown(
    guest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And its portrait remembers that: what a target makes of it would be of another guest."""
    words = [word for word in WORDS if word not in ("-netdev", "user,id=n", "e1000e,netdev=n")]
    path, state = tmp_path / "argv", tmp_path / "now.qcp"
    path.write_text(" ".join(["qemu-system-x86_64", *words[:-1]]))
    common = ["--qmp", str(guest), "--argv", str(path)]
    assert run(["check", *common, "--to", "debian-10.0.2"]) == 3
    assert "e1000e" in capsys.readouterr().out
    assert run(["portrait", "take", *common, "-o", str(state)]) == 0
    assert run(["rehearse", "--state", str(state), "--to", "debian-10.0.2"]) == 2
    assert "not what its arguments say" in capsys.readouterr().err


BOARD = shlex.split(
    "-machine pc-q35-7.2 -nodefaults -cpu Haswell -m 64M,slots=2,maxmem=1G"
    " -smp 1,sockets=2,maxcpus=2"
    " -device pcie-root-port,id=rp1,chassis=1 -device pcie-root-port,id=rp2,chassis=2"
    " -device qemu-xhci,id=xhci -device e1000e,id=nic,bus=rp2"
)
PLUGGED: list[Order] = [
    ("object-add", {"qom-type": "memory-backend-ram", "id": "hm", "size": 128 << 20}),
    plug("pc-dimm", "dm", memdev="hm"),
    plug("Haswell-x86_64-cpu", "cpu1", socket_id=1, core_id=0, thread_id=0),
    plug("virtio-rng-pci", "rng1", bus="rp1"),
    plug("usb-tablet", "tab1", bus="xhci.0"),
]


@pytest.mark.lab
def test_what_was_plugged_in_is_loaded_too(
    builds: Mapping[str, Build], accel: Accel, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without it every target would refuse: `Unknown ramblock "hm"`."""
    if SOURCE not in builds:
        pytest.skip(f"needs the build {SOURCE}")
    with running(builds[SOURCE], BOARD, accel, seconds=1) as (path, process):
        give(path, *PLUGGED)
        words = ["rehearse", "--qmp", str(path), "--to", "debian-10.0.2", "--to", "debian-10.0.13"]
        run([*words, "--json"])
        assert process.poll() is None
    out, err = capsys.readouterr()
    assert out, err
    assert [trial["ending"] for trial in json.loads(out)["trials"]] == ["loaded", "loaded"]
    for what in ("pc-dimm", "Haswell-x86_64-cpu", "virtio-rng-pci", "usb-tablet"):
        assert any(word.startswith(what) for word in json.loads(out)["guest"]["arguments"])
