"""The shared place is private, and gone whatever becomes of its holder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from qcompat.trial.wire.place import shared_place

_HOLDER = """
import sys, time
from qcompat.trial.wire.place import shared_place
with shared_place() as place:
    (place / "socket").touch()
    print(place, flush=True)
    time.sleep(60)
"""


def test_a_socket_in_it_has_a_name_that_fits_wherever_temporary_files_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = tmp_path / ("x" * 100)
    far.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(far))
    with shared_place() as place, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{place}/wire-{1 << 22}-{1 << 22}")


def test_only_its_user_can_enter_and_it_ends_with_its_context() -> None:
    with shared_place() as place:
        assert place.stat().st_mode & 0o777 == 0o700
        (place / "socket").touch()
    assert not place.exists()


def test_it_is_gone_when_its_holder_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", _HOLDER], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        place = Path(holder.stdout.readline().decode().strip())
        assert place.is_dir()
        os.kill(holder.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while place.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not place.exists()
