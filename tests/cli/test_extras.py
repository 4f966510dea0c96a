"""Without the libraries of extras: what works all the same, and what the others say."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from qcompat.cli import run
from qcompat.cli.process.extras import EXTRAS
from qcompat.stream.memory.ram import _finder

ROOT = Path(__file__).parents[2]
STREAMS = ROOT / "tests" / "data" / "streams"
NAME = "debian-10.0.13-pc-q35-10.0-pages.mig.zst"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, bare_machine: Path) -> Iterator[Path]:
    """An installation without extras."""
    for library in EXTRAS:
        for name in [each for each in sys.modules if each.partition(".")[0] == library]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, library, None)
    for name in [each for each in sys.modules if each.startswith("qcompat.")]:
        if name.startswith(("qcompat.store", "qcompat.stream.memory.pages")) or name.endswith(
            ("memory.extract", "running.record", "matrix.matrix")
        ):
            monkeypatch.delitem(sys.modules, name)
    _finder.cache_clear()
    yield bare_machine
    _finder.cache_clear()


def test_extras_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(EXTRAS.values()) <= set(project["optional-dependencies"])
    plain = " ".join(project["dependencies"]).lower()
    assert not [library for library in EXTRAS if library in plain]


@pytest.mark.usefixtures("plain")
def test_check_needs_no_extra(source: str, target: str, capsys: Capture) -> None:
    assert run(["check", source, target]) == 1
    assert "forward" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["guest", "list"], "database"),
        (["matrix", "a", "b", "--machine", "q35"], "database"),
    ],
)
@pytest.mark.usefixtures("plain")
def test_command_that_needs_an_extra_names_it(
    arguments: list[str], extra: str, capsys: Capture
) -> None:
    assert run(arguments) == 4
    told = capsys.readouterr().err
    assert "which is not installed" in told
    assert f"pip install 'qcompat[{extra}]'" in told
    assert "Traceback" not in told


def test_memory_is_read_the_same_without_numpy(
    plain: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page, which takes longer."""
    stream = plain / "s.mig"
    stream.write_bytes(zstandard.decompress((STREAMS / NAME).read_bytes(), max_output_size=1 << 28))
    assert run(["stream", "verify", str(stream)]) == 0
    without = capsys.readouterr().out
    monkeypatch.undo()
    _finder.cache_clear()
    assert run(["stream", "verify", str(stream)]) == 0
    assert capsys.readouterr().out == without
