"""What this machine lacks is no verdict, in any command: exit code 4, or an open answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.cli import run

pytestmark = pytest.mark.lab
Captured = pytest.CaptureFixture[str]
_BOARD = ["-machine", "pc-q35-7.2", "-nodefaults", "-m"]
_PLAIN = [*_BOARD, "64M"]
_CASES = {
    "a CPU model of KVM's": ([*_PLAIN, "-cpu", "host"], "requires KVM"),
    "features that TCG lacks": ([*_PLAIN, "-cpu", "Skylake-Server,enforce"], "avx512f"),
}


@pytest.fixture
def two(
    builds: Mapping[str, Build], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    """Two builds in a home of their own, and `bare`: the second, without its BIOS."""
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    registry = Registry(tmp_path / "home")
    old, new = builds["7.2.22"], builds["10.0.13"]
    shutil.copytree(new.root, tmp_path / "root", symlinks=True, copy_function=os.link)
    for file in (tmp_path / "root").rglob("bios-256k.bin"):
        file.unlink()
    bare = msgspec.structs.replace(new, name="bare", root=str(tmp_path / "root"))
    for build in (old, new, bare):
        registry.add(build)
    return old.name, new.name


def _commands(source: str, target: str, words: list[str], place: Path) -> dict[str, list[str]]:
    guest = place / "guest"
    guest.write_text(" ".join(["qemu-system-x86_64", *words]))
    end = ["--accel", "tcg", "--", *words]
    return {
        "check": ["check", source, target, *end],
        "repair": ["repair", source, target, *end],
        "prove": ["prove", source, target, *end],
        "portrait": ["portrait", "take", target, "-o", str(place / "p.qcp"), *end],
        "start": ["guest", "start", "name", target, *end],
        "carry": [*("carry", "--argv", str(guest), "--from", source, "--to", target), *end[:2]],
    }


@pytest.mark.parametrize("case", _CASES)
def test_every_command_calls_it_the_environments(
    case: str, two: tuple[str, str], tmp_path: Path, capsys: Captured
) -> None:
    words, named = _CASES[case]
    for name, command in _commands(*two, words, tmp_path).items():
        assert run(command) == 4, name
        said = " ".join(capsys.readouterr().err.split())
        assert "this machine cannot run this guest" in said, (name, said)
        assert named in said, (name, said)
        assert "hint: " in said
        assert "-device TYPE" not in said


def test_build_without_its_firmware_is_never_called_one_that_refuses(
    two: tuple[str, str], tmp_path: Path, capsys: Captured
) -> None:
    source, _ = two
    for name, command in _commands(source, "bare", _PLAIN, tmp_path).items():
        assert run(command) == 4, name
        said = " ".join(capsys.readouterr().err.split())
        assert "bare: this machine cannot run this guest" in said, (name, said)
        assert "bios-256k.bin" in said
        assert "--firmware-dir" in said


def test_added_rightly_it_works_at_once(two: tuple[str, str], tmp_path: Path) -> None:
    source, target = two
    check = ["check", source, "bare", "--accel", "tcg", "--", *_PLAIN]
    assert run(check) == 4
    right = Registry(tmp_path / "home").get(target)
    Registry(tmp_path / "home").add(msgspec.structs.replace(right, name="bare"), replace=True)
    assert run(check) in (0, 1)


def test_matrix_goes_on_and_leaves_what_could_not_be_tried_open(
    two: tuple[str, str], capsys: Captured
) -> None:
    asked = ["--machine", "pc-q35-7.2", "--device", "virtio-rng-pci", "--accel", "tcg", "--json"]
    assert run(["matrix", *two, "bare", *asked]) == 3
    cells = json.loads(capsys.readouterr().out)["cells"]
    untried = {(c["source"], c["target"]) for c in cells if c["outcome"]["kind"] == "untried"}
    assert untried == {(s, t) for s in (*two, "bare") for t in (*two, "bare") if s != t} - {
        two,
        two[::-1],
    }
    assert {c["standing"] for c in cells if (c["source"], c["target"]) in untried} == {"unknown"}
    assert all("bios-256k.bin" in c["outcome"]["message"] for c in cells if "bare" in c.values())


def test_repair_names_the_detour_that_could_not_be_tried(
    two: tuple[str, str], capsys: Captured
) -> None:
    source, target = two  # the state of am53c974 got a field in between, so no property helps
    words = [*_PLAIN, "-device", "am53c974"]
    run(["repair", source, target, "--json", "--accel", "tcg", "--", *words])
    found = json.loads(capsys.readouterr().out)["unrepairable"]
    assert [each["via"] for each in found["untried"]] == ["bare"]
    assert "bios-256k.bin" in found["untried"][0]["reason"]


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted by root alone")
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs util-linux")
def test_full_disk_is_the_environments(two: tuple[str, str], tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    words = ["check", *two, "--accel", "tcg", "--", *_PLAIN]
    script = f'mount -t tmpfs -o size=64k none {small} && TMPDIR={small} exec "$@"'
    done = subprocess.run(
        [
            "unshare",
            "-m",
            "sh",
            "-c",
            script,
            "sh",
            Path(sys.executable).with_name("qcompat"),
            *words,
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 4, done.stderr
    assert "No space left on device" in done.stderr
