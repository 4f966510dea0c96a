"""`qcompat check` and `portrait take` of running guests, held against real migrations."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.portrait.file import read_portrait
from tests.asked import asked
from tests.running_guest import give, moved, plug, running

Captured = pytest.CaptureFixture[str]
GUEST = shlex.split(
    "-machine pc-q35-7.2 -nodefaults -m 64 -blockdev null-co,node-name=x,read-zeroes=on"
    " -device virtio-blk-pci,drive=x,id=disk0 -device qemu-xhci,id=xhci -device usb-tablet"
)


def _needs(builds: Mapping[str, Build], *versions: str) -> tuple[Build, ...]:
    if missing := [version for version in versions if version not in builds]:
        pytest.skip(f"needs the builds {', '.join(missing)}")
    return tuple(builds[version] for version in versions)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check"], "SOURCE and TARGET are needed"),
        (["check", "a"], "SOURCE and TARGET are needed"),
        (["check", "a", "b", "--to", "c"], "--to is for a running guest"),
        (["check", "--qmp", "x"], "no target is given"),
        (["check", "a", "--qmp", "x", "--to", "c"], "given twice"),
        (["check", "--qmp", "x", "--to", "c", "--machine", "q35"], "given twice"),
        (["check", "--qmp", "x", "--to", "c", "--repair"], "not for a running guest"),
        (["portrait", "take", "-o", "x.qcp"], "BUILD is needed"),
        (["portrait", "take", "-o", "x.qcp", "--qmp", "x", "--machine", "q35"], "given twice"),
    ],
)
def test_questions_put_wrongly(words: list[str], said: str, capsys: Captured) -> None:
    assert run(words) == 2
    assert said in capsys.readouterr().err


@pytest.mark.lab
def test_a_running_guest_is_judged_as_it_is_now(
    builds: Mapping[str, Build], tmp_path: Path, capsys: Captured
) -> None:
    """Its firmware gave the disk's queue 256 entries, which 11.1.3 takes; a fresh twin's 1024 not.

    The running portrait says what really happens, and so does its file, on a build of its own too.
    """
    source, target, other = _needs(builds, "10.0.13", "11.1.3", "7.2.22")
    file = tmp_path / "web1.qcp"
    ends = ("--to", target.name, "--and", other.name, "--and", source.name)
    with running(source, GUEST, "tcg", seconds=15) as (path, process):
        code, told = asked(capsys, "check", "--qmp", str(path), *ends, "--promise", "loads")
        assert run(["portrait", "take", "--qmp", str(path), "-o", str(file)]) == 0
        said = capsys.readouterr().err
        assert process.poll() is None
        assert moved(path, target, ["qemu", *GUEST], "tcg") == ""
    assert code == 0, told
    verdicts = {each["target"]: each["forward"]["verdict"] for each in told["targets"]}
    assert verdicts[source.name] == "ok"
    assert "blocked" not in verdicts.values()
    assert told["moment"] == "running"
    assert told["pause_ms"] > 0
    assert "stopping the guest" in said
    assert "stood still" in said or "stopped" in said
    assert read_portrait(file).moment == "running"
    assert run(["check", str(file), target.name, "--promise", "loads"]) == 0
    twin = ["check", source.name, target.name, "--accel", "tcg", "--promise", "loads", "--"]
    assert run([*twin, *GUEST]) == 1


@pytest.mark.lab
def test_what_was_plugged_into_a_running_guest_is_judged(
    builds: Mapping[str, Build], capsys: Captured
) -> None:
    """A device that the target does not have."""
    source, target = _needs(builds, "10.0.13", "5.2.0")
    guest = shlex.split(
        "-machine pc-q35-5.2 -nodefaults -m 64 -device pcie-root-port,id=rp,chassis=1"
    )
    with running(source, [*guest, "-S"], "tcg") as (path, _):
        before, _ = asked(capsys, "check", "--qmp", str(path), "--to", target.name)
        give(path, plug("ufs", "u", bus="rp"))
        code, told = asked(capsys, "check", "--qmp", str(path), "--to", target.name)
    (answer,) = told["targets"]
    assert (code, answer["forward"]["verdict"]) == (1, "blocked")
    assert before in (0, 1)


@pytest.mark.lab
def test_the_guest_runs_on_unchanged(builds: Mapping[str, Build], capsys: Captured) -> None:
    (source,) = _needs(builds, "7.2.22")
    with running(source, GUEST, "tcg", seconds=3) as (path, process):
        asked(capsys, "check", "--qmp", str(path), "--to", source.name)
        (status,) = give(path, ("query-status", {}))
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
    assert status["status"] == "running"
