"""`qcompat guest`: a guest's cycle as it is recorded, asked about, and proved with real loads."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.guest.arguments import parse
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.portrait import Accel
from qcompat.portrait.portraits import Portraits
from qcompat.trial.chain import run_chain
from qcompat.trial.stop import Stop

Captured = pytest.CaptureFixture[str]

_BASE = "-machine pc-q35-7.2 -nodefaults -m 64"
AER = f"{_BASE} -device pcie-root-port,id=rp0 -device e1000e,bus=rp0,id=nic0"
VIRTIO = (
    f"{_BASE} -device virtio-rng-pci -netdev user,id=n -device virtio-net-pci,netdev=n "
    "-blockdev null-co,node-name=x,read-zeroes=on -device virtio-blk-pci,drive=x,id=disk0"
)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/store.db"
    monkeypatch.setenv("QCOMPAT_STORE", url)
    return url


def _asked(capsys: Captured, *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = run(["guest", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_life_from_a_portrait_file(source: str, capsys: Captured) -> None:
    assert run(["guest", "start", "web", source]) == 0
    text = capsys.readouterr().out
    assert "runs on  debian-10.0.13" in text
    assert "marks: none" in text
    assert run(["guest", "reset", "web"]) == 0
    assert "resets   1" in capsys.readouterr().out
    code, shown = _asked(capsys, "show", "web")
    assert (code, shown["schema"], shown["is_on"]) == (0, "qcompat.guest/2", True)
    assert len(shown["stays"][0]["resets"]) == 1
    code, listed = _asked(capsys, "list")
    assert [(g["guest"], g["build"]) for g in listed["guests"]] == [("web", "debian-10.0.13")]
    assert run(["guest", "off", "web"]) == 0
    assert "carries nothing" in capsys.readouterr().out
    assert run(["guest", "list"]) == 0
    assert "off" in capsys.readouterr().out


def test_the_line_it_was_started_with_is_told_as_it_was_written(
    source: str, capsys: Captured
) -> None:
    run(["guest", "start", "web", source])
    _, shown = _asked(capsys, "show", "web")
    assert tuple(shown["arguments"]) == read_portrait(Path(source)).guest.arguments


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "nobody"], "was ever recorded"),
        (["reset", "nobody"], "was ever recorded"),
        (["off", "nobody"], "was ever recorded"),
        (["targets", "nobody"], "was ever recorded"),
        (["moved", "nobody", "debian-10.0.2"], "was ever recorded"),
        (["start", "x", "debian-10.0.2"], "no guest is given"),
        (["start", "-x", "debian-10.0.2"], "No such option"),
    ],
)
def test_questions_put_wrongly(words: list[str], said: str, capsys: Captured) -> None:
    assert run(["guest", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "hint:" in err


def test_what_cannot_happen_is_refused_with_what_to_do(source: str, capsys: Captured) -> None:
    run(["guest", "start", "web", source])
    capsys.readouterr()
    assert run(["guest", "start", "web", source]) == 2
    assert "qcompat guest off web" in capsys.readouterr().err
    run(["guest", "off", "web"])
    capsys.readouterr()
    for words in (["off", "web"], ["reset", "web"], ["moved", "web", "x"], ["targets", "web"]):
        assert run(["guest", *words]) == 2
        assert "qcompat guest start web" in capsys.readouterr().err
    assert run(["guest", "start", "web", source]) == 0


def test_a_damaged_store_is_told_and_left_alone(source: str, store: str, capsys: Captured) -> None:
    file = Path(store.removeprefix("sqlite:///"))
    file.write_bytes(b"not a store" * 50)
    assert run(["guest", "start", "web", source]) == 4
    assert "damaged" in capsys.readouterr().err
    assert file.read_bytes() == b"not a store" * 50


@pytest.mark.lab
def test_a_mark_is_found_kept_over_hops_and_a_reset_and_dropped_at_power_off(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, capsys: Captured
) -> None:
    """10.0 with the mask behaves as 8.0 did; every start line is proved, and needed."""
    ten, stable, new, old = _builds(builds, "10.0.2", "10.0.13", "11.1.3", "7.2.22")
    masked = f"{AER} -global pci-device.x-pcie-err-unc-mask=on"
    _start_as(tmp_path, ten, masked, AER, accel)
    code, first = _asked(capsys, "moved", "g", stable.name)
    assert (code, first["verdict"]) == (0, "ok")
    assert {setting["name"] for setting in first["new"]} == {"x-pcie-err-unc-mask"}
    code, second = _asked(capsys, "moved", "g", new.name)
    assert (code, second["new"], second["is_recorded"]) == (0, [], True)
    assert [held["how"] for held in second["held"]] == ["set"] * len(second["held"])
    _, reset = _asked(capsys, "reset", "g")
    assert [mark["setting"] for mark in reset["marks"]] == first["new"]
    code, back = _asked(capsys, "moved", "g", old.name, "--dry-run")
    assert (code, back["verdict"]) == (1, "blocked")
    assert {held["how"] for held in back["held"]} == {"absent"}
    _, off = _asked(capsys, "off", "g")
    assert (off["is_on"], off["marks"]) == (False, [])

    way = [(ten, masked), (stable, first["arguments"]), (new, second["arguments"])]
    assert _loads(way, accel, reset=1) == ["loaded", "loaded"]
    assert _loads([way[0], (stable, AER)], accel) == ["refused"]
    assert _loads([*way[:2], (new, AER)], accel) == ["loaded", "refused"]
    assert _loads([way[1], (old, AER)], accel) == ["refused"]


@pytest.mark.lab
def test_queue_sizes_that_travelled_are_told_with_what_clears_them(
    builds: Mapping[str, Build], accel: Accel, capsys: Captured
) -> None:
    """10.0.13 → 10.0.2 → 11.1 is refused, as predicted; starting anew is what helps."""
    sick, ten, new = _builds(builds, "10.0.13", "10.0.2", "11.1.3")
    run(["guest", "start", "g", sick.name, "--accel", accel, "--", *shlex.split(VIRTIO)])
    code, moved = _asked(capsys, "moved", "g", ten.name)
    assert (code, moved["verdict"]) == (0, "drift")
    _, shown = _asked(capsys, "show", "g")
    assert {each["subject"]["type"] for each in shown["carried"]} == {
        "virtio-rng-pci",
        "virtio-net-pci",
        "virtio-blk-pci",
    }
    assert all(each["carries"] == "1024" for each in shown["carried"])
    capsys.readouterr()
    assert run(["guest", "targets", "g", "--no-search"]) == 0
    assert "carried along" in capsys.readouterr().out
    _, asked = _asked(capsys, "targets", "g", "--no-search")
    targets = {each["build"]: each for each in asked["targets"]}
    assert targets[new.name]["verdict"]["verdict"] == "blocked"
    assert targets[new.name]["chain"] == []
    assert {ten.name, new.name} <= set(targets[new.name]["cures"])
    assert sick.name not in targets[new.name]["cures"]

    assert _loads([(sick, VIRTIO), (ten, VIRTIO), (new, VIRTIO)], accel) == ["loaded", "refused"]
    assert _loads([(ten, VIRTIO), (new, VIRTIO)], accel) == ["loaded"]


@pytest.mark.lab
def test_a_disk_alone_is_repaired_and_the_mark_stays(
    builds: Mapping[str, Build], accel: Accel, capsys: Captured
) -> None:
    sick, new = _builds(builds, "10.0.13", "11.1.3")
    disk = (
        f"{_BASE} -blockdev null-co,node-name=x,read-zeroes=on "
        "-device virtio-blk-pci,drive=x,id=disk0"
    )
    run(["guest", "start", "g", sick.name, "--accel", accel, "--", *shlex.split(disk)])
    _, asked = _asked(capsys, "targets", "g")
    (found,) = (each for each in asked["targets"] if each["build"] == new.name)
    assert [(s["name"], s["value"]) for s in found["remedy"]] == [("queue-size", "1024")]
    assert found["forms"]["table"]["text"] == '{ "virtio-blk-pci", "queue-size", "1024" },'
    line = "-device virtio-blk-pci,drive=x,id=disk0,queue-size=1024"
    assert found["forms"]["qemu"]["text"] == line
    capsys.readouterr()
    run(["guest", "targets", "g"])
    assert f"    {line}\n" in capsys.readouterr().out
    run(["guest", "moved", "g", new.name, "--dry-run", "--form", "libvirt"])
    text = capsys.readouterr().out
    assert '<qemu:property name="queue-size" type="unsigned" value="1024" />' in text
    assert "start line" not in text
    code, moved = _asked(capsys, "moved", "g", new.name)
    assert (code, moved["is_recorded"]) == (0, True)
    assert "virtio-blk-pci,drive=x,id=disk0,queue-size=1024" in moved["arguments"]
    assert [mark["setting"]["name"] for mark in moved["marks"]] == ["queue-size"]
    assert moved["forms"]["qemu"]["text"] == line
    _, shown = _asked(capsys, "show", "g")
    assert shown["forms"] == moved["forms"]
    assert run(["guest", "show", "g", "--form", "all"]) == 0
    assert f"  {line}\n" in capsys.readouterr().out
    assert _loads([(sick, disk), (new, moved["arguments"])], accel) == ["loaded"]
    assert _loads([(sick, disk), (new, disk)], accel) == ["refused"]


@pytest.mark.lab
def test_a_move_of_which_too_little_is_known_is_recorded_only_anyway(
    builds: Mapping[str, Build], accel: Accel, capsys: Captured
) -> None:
    old, new = _builds(builds, "10.0.2", "10.0.13")
    words = "-machine pc-q35-7.2 -m 64M -nodefaults -device vfio-pci,host=01:00.0"
    start = ["guest", "start", "g", old.name, "--accel", accel, "--", *words.split()]
    assert run(start) == 0
    code, moved = _asked(capsys, "moved", "g", new.name)
    assert (code, moved["verdict"], moved["is_recorded"]) == (3, "unknown", False)
    assert run(["guest", "moved", "g", new.name]) == 3
    assert "--anyway" in capsys.readouterr().out
    code, moved = _asked(capsys, "moved", "g", new.name, "--anyway")
    assert (code, moved["is_recorded"]) == (0, True)


@pytest.mark.lab
def test_a_guest_of_a_machine_type_of_proxmox_is_asked_about_on_its_base_type(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, capsys: Captured
) -> None:
    old, new = _builds(builds, "10.0.2", "10.0.13")
    words = "-machine {} -m 64M -nodefaults"
    there = words.format("pc-q35-7.2+pve1")
    _start_as(tmp_path, old, words.format("pc-q35-7.2"), there, accel)
    code, moved = _asked(capsys, "moved", "g", new.name, "--dry-run")
    assert (code, moved["verdict"]) == (1, "blocked")
    code, moved = _asked(capsys, "moved", "g", new.name, "--dry-run", "--base-type")
    assert (code, moved["verdict"]) == (0, "ok")
    assert "pc-q35-7.2" in moved["arguments"]
    code, found = _asked(capsys, "targets", "g", "--no-search", "--base-type")
    verdicts = {each["build"]: each["verdict"]["verdict"] for each in found["targets"]}
    assert verdicts[new.name] == "ok"


def _builds(builds: Mapping[str, Build], *versions: str) -> tuple[Build, ...]:
    if missing := [version for version in versions if version not in builds]:
        pytest.skip(f"needs the builds {', '.join(missing)}")
    return tuple(builds[version] for version in versions)


def _start_as(place: Path, build: Build, real: str, told: str, accel: Accel) -> None:
    """Record a guest whose build gives by default what here is an argument."""
    portrait = asyncio.run(Portraits.here().of(build, parse(shlex.split(real)), accel=accel))
    file = place / "born.qcp"
    write_portrait(msgspec.structs.replace(portrait, guest=parse(shlex.split(told))), file)
    assert run(["guest", "start", "g", str(file)]) == 0


def _loads(way: list[tuple[Build, Any]], accel: Accel, reset: int | None = None) -> list[str]:
    """How each hop of a real chain of paused guests ended; `reset` at that stop."""
    stops = [
        Stop(build, parse(shlex.split(told) if isinstance(told, str) else told), at == reset)
        for at, (build, told) in enumerate(way)
    ]
    trial = asyncio.run(run_chain(stops, accel=accel))
    return [hop.outcome.kind for hop in trial.hops]
