"""A guest that really runs, with a QMP socket in a private directory, for tests that look at it."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.builds.run.tether import kill
from qcompat.portrait.portrait import Accel


@contextlib.contextmanager
def running(
    build: Build, words: Sequence[str], accel: Accel, *, seconds: float = 0.0
) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """The socket of a guest that has run for so many seconds, paused with `-S` in its words."""
    with tempfile.TemporaryDirectory(prefix="qcompat-") as directory:
        place = Path(directory)
        qmp = ["-qmp", f"unix:{place}/qmp,server=on,wait=off", "-display", "none"]
        process = subprocess.Popen(
            [*command(build, writable=[place]), "-accel", accel, *qmp, *words],
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        try:
            _await(place / "qmp", process)
            time.sleep(seconds)
            yield place / "qmp", process
        finally:
            kill(process)
            process.wait()


def _await(socket: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if socket.exists():
            return
        assert process.poll() is None, "QEMU did not start"
        time.sleep(0.05)
    raise TimeoutError("QEMU did not open its monitor")
