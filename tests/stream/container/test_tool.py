"""Children end with their parent, however that ends."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from qcompat.errors import EnvironmentError_
from qcompat.stream.container import unwrapped_file
from tests.stream.container.conftest import STREAM, compressed, need

_READER = """
import os, pathlib, sys
from qcompat.stream.container import unwrapped_file

with unwrapped_file(sys.stdin.buffer) as (_, file):
    print(pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text(), flush=True)
    file.read()
"""


def test_tools_die_with_a_killed_reader() -> None:
    need("setpriv")
    data = compressed("gzip", STREAM)[:-100]
    words = (sys.executable, "-c", _READER)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdin and reader.stdout
        reader.stdin.write(data)
        reader.stdin.flush()  # and not closed: they would wait for more
        children = [int(word) for word in reader.stdout.readline().split()]
        assert len(children) == 2
        os.kill(reader.pid, signal.SIGKILL)
        _await_end(children)


def _await_end(processes: list[int]) -> None:
    for _ in range(100):
        if not any(_runs(process) for process in processes):
            return
        time.sleep(0.05)
    pytest.fail(f"still running: {processes}")


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_reader_that_stops_early_waits_for_no_pipe() -> None:
    data = compressed("gzip", STREAM)[:-100]
    read = _READER.replace("file.read()", "pass")
    words = (sys.executable, "-c", read)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdin
        reader.stdin.write(data)
        reader.stdin.flush()
        assert reader.wait(20) == 0


def test_unusable_directory_for_temporary_files_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = io.BytesIO(compressed("gzip", STREAM))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(EnvironmentError_, match="temporary file") as caught, unwrapped_file(data):
        pass
    assert "TMPDIR" in caught.value.hint
