"""The contract that deciding is pure, tried with code that breaks it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACT = "deciding is pure"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code alone, and the contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("bundled", "shipped", "__pycache__", "*.qcb", "*.json")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    return tmp_path


def _contracts(place: Path) -> str:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(program), "--no-cache"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place / "src")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("rules/guest/machine_type_changed.py", "from qcompat.portrait.portraits import Portraits"),
        ("compare/pci.py", "from qcompat.portrait.take import take"),
        ("trial/matrix/baseline.py", "from qcompat.trial.matrix.running.run import Run"),
        ("remedy/edit.py", "import tempfile"),
    ],
)
def test_code_that_decides_may_not_reach_what_runs(module: str, line: str, copy: Path) -> None:
    path = copy / "src" / "qcompat" / module
    path.write_text(path.read_text() + f"\n\nif False:\n    {line}\n")
    said = _contracts(copy)
    assert any(CONTRACT in each and "BROKEN" in each for each in said.splitlines()), said
