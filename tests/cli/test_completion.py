"""What a shell completes: commands, and the names of builds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.registry import Registry
from qcompat.cli import run

Capture = pytest.CaptureFixture[str]
Complete = Callable[[str], list[str]]


@pytest.fixture
def complete(bare_machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Complete:
    Registry(bare_machine / "home").add(
        Build("mine", BuildIdentity("10.0.2", "", "ab" * 32), "native", "/nowhere/qemu")
    )

    def answer(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("_QCOMPAT_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        capsys.readouterr()
        assert run([]) == 0
        rows = (row.partition(",") for row in capsys.readouterr().out.splitlines())
        return [word for kind, _, word in rows if kind == "plain"]

    return answer


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("qcompat bui", ["builds"]),
        ("qcompat builds show m", ["mine"]),
        ("qcompat check m", ["mine"]),
        ("qcompat check mine m", []),
        ("qcompat check mine debian-7", ["debian-7.2.22"]),
        ("qcompat carry --to mi", ["mine"]),
        ("qcompat matrix debian-7.2.22 debian-7", []),
        ("qcompat builds remove x", []),
    ],
)
def test_shell_completes(line: str, found: list[str], complete: Complete) -> None:
    assert complete(line) == found


def test_script_of_a_shell_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("_QCOMPAT_COMPLETE", "zsh_source")
    assert run([]) == 0
    assert "compdef" in capsys.readouterr().out
