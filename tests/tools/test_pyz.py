"""The one file for hosts without PyPI: it unpacks itself once, and says for which Python it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import pyz

PROGRAM = "import sys\ndef main():\n    print('hello', sys.argv[1:])\n    return 3\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    package = tmp_path / "content" / "site" / "qcompat"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PROGRAM)
    pyz.write(tmp_path / "content", tmp_path / "qcompat.pyz")
    return tmp_path / "qcompat.pyz"


def run(file: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-S", "-E", str(file), "check", "a"]
    environment = {**os.environ, "QCOMPAT_CACHE": str(file.parent / "cache")}
    return subprocess.run(words, capture_output=True, text=True, env=environment)


def test_file_runs_and_unpacks_itself_once(file: Path) -> None:
    for _ in range(2):
        done = run(file)
        assert (done.stdout, done.returncode) == ("hello ['check', 'a']\n", 3), done.stderr
        (place,) = (file.parent / "cache").iterdir()
        assert place.name.startswith("pyz-")


def test_another_python_is_told_which_one_is_wanted(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyz, "_made_for", lambda: "3.99 Linux x86_64")
    pyz.write(file.parent / "content", file)
    done = run(file)
    assert done.returncode == 1
    assert "error: this file is for Python 3.99 Linux x86_64, and this is 3." in done.stderr
    assert "hint: make one there" in done.stderr
