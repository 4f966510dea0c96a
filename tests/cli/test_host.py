"""`qcompat host capture` and `compare` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.hosts.capture_file import encode, write_capture
from qcompat.hosts.read.recognise import read_host
from tests.hosts.samples import host

Output = pytest.CaptureFixture[str]


def test_two_equal_hosts(tmp_path: Path, capsys: Output) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in files:
        write_capture(host(path.stem), path)
    assert run(["host", "compare", *map(str, files)]) == 0
    assert "guests get the same" in capsys.readouterr().out


def test_a_lost_feature_and_the_models_that_no_longer_run(tmp_path: Path, capsys: Output) -> None:
    files = [tmp_path / "before.json", tmp_path / "after.json"]
    write_capture(host("before"), files[0])
    write_capture(host("after", minus=("rdseed",)), files[1])
    assert run(["host", "compare", *map(str, files)]) == 1
    said = capsys.readouterr().out
    assert "features lost" in said and "rdseed" in said
    assert "models no longer usable  Skylake-Client-v1 (missing rdseed)" in said


def test_a_comparison_as_json(tmp_path: Path, capsys: Output) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    write_capture(host("a"), files[0])
    write_capture(host("b", plus=("stibp",)), files[1])
    assert run(["host", "compare", *map(str, files), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "qcompat.host-comparison/1"
    assert told["offers"][0]["only_target"] == ["stibp"]


def test_a_capture_is_what_was_written(tmp_path: Path) -> None:
    capture = host("a", machines=("pc-q35-10.0",), refused=("arch-capabilities",))
    write_capture(capture, tmp_path / "a.json")
    assert read_host(tmp_path / "a.json") == capture
    assert encode(capture) == encode(read_host(tmp_path / "a.json"))


def test_capture_needs_a_build(bare_machine: Path, capsys: Output) -> None:
    assert run(["host", "capture", "-o", str(bare_machine / "a.json")]) == 2
    assert "no build is registered" in capsys.readouterr().err


@pytest.mark.lab
def test_a_host_is_captured_and_compared_with_itself(
    newest: Build, tmp_path: Path, capsys: Output
) -> None:
    path = tmp_path / "here.json"
    words = ["host", "capture", newest.name, "--name", "here", "--accel", "tcg", "--no-backends"]
    assert run([*words, "-o", str(path)]) == 0
    assert "here.json: here" in capsys.readouterr().out.replace(str(tmp_path) + "/", "")
    found = read_host(path)
    capture = found.builds[0]
    assert capture.cpu == "max" and capture.refusal == ""
    assert capture.definitions["Haswell-v4"].values["family"] == 6
    assert "hle" not in capture.definitions["Haswell-v4"].names
    assert capture.machines and found.kernel and found.processor.vendor
    assert run(["host", "compare", str(path), str(path)]) == 0
    assert run(["cpu", "baseline", str(path)]) == 0
    assert "enforce" in capsys.readouterr().out
