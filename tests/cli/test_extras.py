"""Without the libraries of extras: what works all the same, and what the others say."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import zstandard

from qcompat.cli import run
from qcompat.cli.process.extras import EXTRAS

ROOT = Path(__file__).parents[2]
STREAMS = ROOT / "tests" / "data" / "streams"
NAME = "debian-10.0.13-pc-q35-10.0-pages.mig.zst"
Capture = pytest.CaptureFixture[str]


WITHOUT_EXTRAS = f"""
import sys
sys.modules.update(dict.fromkeys({sorted(EXTRAS)!r}))
from qcompat.cli import run
sys.exit(run(sys.argv[1:]))
"""


def run_plain(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in an installation without extras: a process that cannot import them."""
    words = [sys.executable, "-c", WITHOUT_EXTRAS, *arguments]
    return subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_extras_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(EXTRAS.values()) <= set(project["optional-dependencies"])
    plain = " ".join(project["dependencies"]).lower()
    assert not [library for library in EXTRAS if library in plain]


@pytest.mark.usefixtures("bare_machine")
def test_check_needs_no_extra(source: str, target: str) -> None:
    done = run_plain("check", source, target)
    assert done.returncode == 1, done.stderr
    assert "forward" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["guest", "list"], "database"),
        (["matrix", "a", "b", "--machine", "q35"], "database"),
    ],
)
@pytest.mark.usefixtures("bare_machine")
def test_command_that_needs_an_extra_names_it(arguments: list[str], extra: str) -> None:
    done = run_plain(*arguments)
    assert done.returncode == 4
    assert "which is not installed" in done.stderr
    assert f"pip install 'qcompat[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_memory_is_read_the_same_without_numpy(bare_machine: Path, capsys: Capture) -> None:
    """Page by page, which takes longer."""
    stream = bare_machine / "s.mig"
    stream.write_bytes(zstandard.decompress((STREAMS / NAME).read_bytes(), max_output_size=1 << 28))
    done = run_plain("stream", "verify", str(stream))
    assert done.returncode == 0, done.stderr
    assert run(["stream", "verify", str(stream)]) == 0
    assert capsys.readouterr().out == done.stdout
