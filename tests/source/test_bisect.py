"""Bisection over a synthetic history."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from qcompat.cli import run
from tests.source.samples import edited
from tests.source.test_show import write_tree

_BREAKS = 5


def _git(top: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(top), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nine commits, of which the sixth changes a default; the first tree stands beside."""
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path / "home"))
    write_tree(tmp_path / "first")
    top = tmp_path / "qemu"
    top.mkdir()
    _git(top, "init", "-q")
    for number in range(9):
        edit = [("LAMP_QUEUES 4", "LAMP_QUEUES 8")] if number >= _BREAKS else []
        write_tree(top, edited(*edit))
        (top / "notes").write_text(str(number))
        _git(top, "add", "-A")
        _git(top, "commit", "-qm", f"commit {number}")
    return top


def _lint(history: Path, *options: str) -> int:
    first = str(history.parent / "first")
    ends = ["--good", "HEAD~8", "--bad", "HEAD"]
    command = ["--", "source", "lint", "{tree}", "--against", first]
    return run(["bisect", str(history), *ends, *options, *command])


def test_commit_that_changes_the_answer_is_found(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _lint(history) == 0
    text = capsys.readouterr().out
    assert f"commit {_git(history, 'rev-parse', f'HEAD~{8 - _BREAKS}')}\n  commit 5" in text
    assert "lamp-base.queues changed its default" in text
    assert "exit code 0 before, 1 since" in text


def test_user_checkout_is_left_alone(history: Path) -> None:
    before = _git(history, "status", "--porcelain", "--branch"), _git(history, "rev-parse", "HEAD")
    assert _lint(history) == 0
    after = _git(history, "status", "--porcelain", "--branch"), _git(history, "rev-parse", "HEAD")
    assert before == after
    assert _git(history, "worktree", "list").count("\n") == 0
    assert "bisect" not in _git(history, "for-each-ref")


def test_what_does_not_build_is_skipped_and_builds_are_kept(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = "printf '#!/bin/sh\\necho QEMU emulator version 9.9.9\\n' > binary; chmod +x binary"
    build = f'echo x >> {history.parent}/built; [ "$(cat notes)" != 4 ] && {{ {binary}; }}'
    options = ("--build", build, "--binary", "binary", "--json")
    assert _lint(history, *options) == 3
    document = json.loads(capsys.readouterr().out)
    # commit 4 cannot be asked, so that the change may lie in it, too
    assert {each["subject"] for each in document["commits"]} == {"commit 4", "commit 5"}
    count = len((history.parent / "built").read_text().split())
    assert _lint(history, *options) == 3
    again = len((history.parent / "built").read_text().split()) - count
    assert again == sum(each["code"] is None for each in document["steps"])


def test_same_answer_at_both_ends_is_refused(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = ["--good", "HEAD~8", "--bad", "HEAD~7"]
    command = ["--", "source", "lint", "{tree}"]
    assert run(["bisect", str(history), *ends, *command]) == 2
    assert "nothing to search" in capsys.readouterr().err


def test_end_that_does_not_build_is_refused(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _lint(history, "--build", "echo no compiler; false") == 2
    assert "does not build" in capsys.readouterr().err


def test_unknown_revision_is_refused(history: Path) -> None:
    ends = ["--good", "nowhere", "--bad", "HEAD"]
    assert run(["bisect", str(history), *ends, "--", "source", "lint", "{tree}"]) == 2


def test_build_that_cannot_be_registered_ends_the_search(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = ["--good", "HEAD~8", "--bad", "HEAD", "--build", "touch binary", "--binary", "binary"]
    assert run(["bisect", str(history), *ends, "--", "builds", "show", "{build}"]) == 4
    assert "cannot be registered" in capsys.readouterr().err
