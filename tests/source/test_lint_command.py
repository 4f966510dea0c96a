"""`qcompat source lint` over directories, revisions and patches, in every form."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from qcompat.cli import run
from tests.source.samples import SOURCES, edited
from tests.source.test_show import write_tree

_EDIT = ("#define LAMP_QUEUES 4", "#define LAMP_QUEUES 8")


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    top = tmp_path / "tree"
    write_tree(top)
    return top


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    write_tree(tmp_path / "changed", edited(_EDIT))
    return tmp_path / "changed"


def _git(top: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", top, *identity, *arguments], check=True, capture_output=True)


def _patch(top: Path, changed: Path, place: Path) -> Path:
    command = ["git", "diff", "--no-index", str(top), str(changed)]
    text = subprocess.run(command, capture_output=True, text=True).stdout
    text = text.replace(str(top), "").replace(str(changed), "")
    place.write_text(text)
    return place


def test_two_trees_as_text(top: Path, changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["source", "lint", str(changed), "--against", str(top)]) == 1
    text = capsys.readouterr().out
    assert text.startswith("hw/misc/lamp.c:")
    assert "error: lamp-base.queues changed its default" in text
    assert "on       pc-q35-{7.2..8.0}" in text
    assert (
        'paste into hw_compat_8_0 (hw/core/machine.c:2):\n        { "lamp-base", "queues", "4" },'
        in text
    )


def test_equal_trees_give_nothing(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["source", "lint", str(top), "--against", str(top)]) == 0
    assert capsys.readouterr().out == "nothing found\n"


def test_patch_in_memory(
    top: Path, changed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = _patch(top, changed, tmp_path / "x.patch")
    assert run(["source", "lint", str(top), "--patch", str(patch)]) == 1
    assert '{ "lamp-base", "queues", "4" },' in capsys.readouterr().out
    assert (top / "hw/misc/lamp.c").read_text() == SOURCES["hw/misc/lamp.c"]


def test_quilt_series(
    top: Path, changed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _patch(top, changed, tmp_path / "one.patch")
    (tmp_path / "series").write_text("# distribution\none.patch -p1\n")
    assert run(["source", "lint", str(top), "--patch", str(tmp_path / "series")]) == 1
    assert "lamp-base.queues" in capsys.readouterr().out


def test_two_revisions(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _git(top, "init", "-q")
    _git(top, "add", "-A")
    _git(top, "commit", "-qm", "one")
    write_tree(top, edited(_EDIT))
    _git(top, "commit", "-qam", "two")
    assert run(["source", "lint", str(top), "--revision", "HEAD", "--against", "HEAD~1"]) == 1
    assert run(["source", "lint", str(top), "--against", "HEAD"]) == 0
    assert run(["source", "lint", str(top), "--against", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_tag_says_what_shipped(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(top, version="7.2.50")
    _git(top, "init", "-q")
    _git(top, "add", "-A")
    _git(top, "commit", "-qm", "one")
    write_tree(top, edited(_EDIT), version="7.2.50")
    assert run(["source", "lint", str(top), "--against", "HEAD", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["table"] == "hw_compat_7_2"
    _git(top, "tag", "v8.0.0")
    assert run(["source", "lint", str(top), "--against", "HEAD", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["table"] == "hw_compat_8_0"


def test_sarif_and_gitlab_point_at_the_line(
    top: Path, changed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["source", "lint", str(changed), "--against", str(top), "--form"]
    assert run([*command, "sarif"]) == 1
    result = json.loads(capsys.readouterr().out)["runs"][0]["results"][0]
    location = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("default_changed", "error")
    assert location["artifactLocation"]["uri"] == "hw/misc/lamp.c"
    assert run([*command, "gitlab"]) == 1
    issue = json.loads(capsys.readouterr().out)[0]
    assert issue["location"] == {
        "path": "hw/misc/lamp.c", "lines": {"begin": location["region"]["startLine"]},
    }  # fmt: skip
    assert issue["severity"] == "critical"


@pytest.mark.parametrize(
    "options", [["--shipped", "soon"], ["--patch", "/nowhere"], ["--patch", "x", "--against", "y"]]
)
def test_wrong_usage(top: Path, options: list[str]) -> None:
    assert run(["source", "lint", str(top), *options]) == 2
