"""Whoever reads an answer may leave after its first bytes: the command ends without a word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

DATA = Path(__file__).parents[1] / "data" / "streams"
_STREAMS = ("debian-10.0.13-pc-q35-10.0-express", "debian-11.1.3-pc-q35-10.0-express")
_COMMANDS = [
    "stream show -v {0}",
    "stream show --json {0}",
    "stream show --json -",
    "stream diff {0} {1}",
    "stream diff --json {0} {1}",
    "stream ram --json {0}",
    "stream verify --json {0}",
    "machine list debian-10.0.13",
    "machine list debian-10.0.13 --json",
    "machine show debian-10.0.13 pc-q35-7.2",
    "machine show debian-10.0.13 pc-q35-7.2 --json",
    "machine resolve debian-10.0.13 pc-q35-7.2 virtio-net-pci",
    "machine diff debian-10.0.2:pc-q35-7.2 debian-10.0.13:pc-q35-7.2 --json",
    "machine audit debian-10.0.13 --against debian-10.0.2 --json",
    "check debian-10.0.2 debian-10.0.13 --machine pc-q35-7.2 --device e1000 --json",
    "check debian-10.0.2 debian-10.0.13 --machine pc-q35-7.2 --device e1000",
    "explain cpu_feature_missing_on_target",
    "builds list --json",
]


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    place = tmp_path_factory.mktemp("streams")
    paths = [place / f"{name}.mig" for name in _STREAMS]
    for path in paths:
        raw = (DATA / f"{path.stem}.mig.zst").read_bytes()
        path.write_bytes(zstandard.ZstdDecompressor().decompress(raw, max_output_size=1 << 24))
    return paths


@pytest.mark.parametrize("line", _COMMANDS)
def test_command_ends_quietly_when_its_reader_goes(line: str, streams: list[Path]) -> None:
    """The pipe is closed before anything is written, so that the first write meets no reader."""
    qcompat = str(Path(sys.executable).with_name("qcompat"))
    words = [word.format(*streams) for word in line.split()]
    given = streams[0].open("rb") if words[-1] == "-" else subprocess.DEVNULL
    with subprocess.Popen(
        [qcompat, *words], stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == 141
