"""A running guest whose device state a policy denies: the rest is answered, and that is named."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.portrait.file import read_portrait
from tests.asked import asked
from tests.denying import denying
from tests.running_guest import running

Captured = pytest.CaptureFixture[str]
WORDS = shlex.split(
    "-machine pc-q35-7.2 -nodefaults -m 64 -blockdev null-co,node-name=x,read-zeroes=on"
    " -device virtio-blk-pci,drive=x,id=disk0"
)
SOURCE, TARGET = "debian-10.0.13", "debian-11.1.3"


@pytest.fixture
def guest(builds: Mapping[str, Build]) -> Iterator[list[str]]:
    """How commands name a guest that its firmware gave smaller queues; its state is denied."""
    if missing := [v for v in ("10.0.13", "11.1.3") if v not in builds]:
        pytest.skip(f"needs the builds {', '.join(missing)}")
    with running(builds["10.0.13"], WORDS, "tcg", seconds=4) as (path, process):
        argv = path.with_name("argv")
        argv.write_text(" ".join(["qemu-system-x86_64", *WORDS]))
        with denying(path, "add-fd", "xen-save-devices-state") as place:
            yield ["--qmp", str(place), "--argv", str(argv)]
        assert process.poll() is None


@pytest.mark.lab
def test_the_verdict_is_unknown_for_that_and_the_rest_is_answered(
    guest: list[str], tmp_path: Path, capsys: Captured
) -> None:
    """The twin is blocked; the guest answers that its queues fit, so nothing says it is."""
    code, told = asked(capsys, "check", *guest, "--to", TARGET)
    (answer,) = told["targets"]
    assert (code, answer["forward"]["verdict"]) == (3, "unknown")
    assert set(answer["stands_on"].values()) == {"derived from its twin"}
    rules = {finding["rule"] for finding in answer["forward"]["findings"]}
    assert "queue_size_changed" in rules
    assert "queue_size_exceeded_on_target" not in rules
    path = tmp_path / "now.qcp"
    assert run(["portrait", "take", *guest, "-o", str(path)]) == 0
    portrait = read_portrait(path)
    assert portrait.lacks_state
    assert portrait.moment == "running"
    code, told = asked(capsys, "check", str(path), TARGET)
    assert (code, told["forward"]["verdict"]) == (3, "unknown")
    assert run(["rehearse", "--state", str(path), "--to", TARGET]) == 2
    assert "without its device state" in capsys.readouterr().err
    assert run(["rehearse", *guest, "--to", TARGET]) == 4
    assert "not allowed here" in capsys.readouterr().err


@pytest.mark.lab
def test_the_start_line_is_judged_by_answers_and_says_so(
    guest: list[str], capsys: Captured
) -> None:
    _, told = asked(capsys, "carry", *guest, "--to", TARGET)
    assert told["verdict"] == "drift"
    assert not told["has_state"]
    assert [gap["part"] for gap in told["gaps"] if "state" in gap["part"]] == ["device state"]


@pytest.mark.lab
def test_a_guest_that_may_not_be_stopped_is_only_looked_at(
    builds: Mapping[str, Build], capsys: Captured
) -> None:
    if SOURCE.removeprefix("debian-") not in builds:
        pytest.skip(f"needs the build {SOURCE}")
    with running(builds["10.0.13"], [*WORDS, "-S"], "tcg") as (path, _):
        command = ["carry", "--qmp", str(path), "--to", SOURCE]
        assert run([*command, "--look-only"]) == 0
        out, err = capsys.readouterr()
        assert "stopping" not in err
        assert "not asked for" in out
        assert run(command) == 0
        out, err = capsys.readouterr()
        assert "stopping" in err
        assert "judged by the device state of the running guest" in out
