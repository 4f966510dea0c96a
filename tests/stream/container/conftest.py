"""What these tests share: streams, tools, and a check that nothing is left behind.

They need gzip, bzip2, xz-utils, lzop, zstd and qemu-utils; what is missing is skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

COMPRESSORS = ("gzip", "bzip2", "xz", "lzop", "zstd")
# begins as a stream, and is longer than a pipe and than what is read ahead holds
STREAM = b"QEVM\0\0\0\3" + bytes(range(256)) * 4096
LONG = b"QEVM\0\0\0\3" + bytes(range(256)) * (1 << 16)


def need(*tools: str) -> None:
    """Skip the test where one of these is not installed."""
    if missing := [tool for tool in tools if shutil.which(tool) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")


def compressed(name: str, data: bytes) -> bytes:
    """What the tool makes of `data`."""
    need(name)
    return subprocess.run((name, "-c"), input=data, capture_output=True, check=True).stdout


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither a child of this process nor a temporary file; in the body, no named one either."""
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    before = _children()
    yield
    assert _children() == before
    assert not list(room.iterdir())


def _children() -> set[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {child for task in tasks for child in task.read_text().split()}
