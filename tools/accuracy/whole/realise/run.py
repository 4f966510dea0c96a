"""One QEMU on a line as its user gave it: started, asked over QMP, ended."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

START_SECONDS = 90.0
ANSWER_SECONDS = 60.0
CONTROL = "/run/accuracy"


class EndedError(Exception):
    """QEMU ended; the text is its last words."""


class Running:
    """A QEMU whose control socket lies at CONTROL in its root."""

    def __init__(
        self, command: Sequence[str], root: Path, log: Path, descriptors: Collection[int]
    ) -> None:
        self._log = log
        self._root = root
        (root / CONTROL.lstrip("/")).unlink(missing_ok=True)
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [*command, "-qmp", f"unix:{CONTROL},server=on,wait=off"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=tuple(descriptors),
            )
        self._socket = self._connect()
        self._lines = self._socket.makefile("rb")
        self.ask("qmp_capabilities")

    def _connect(self) -> socket.socket:
        until = time.monotonic() + START_SECONDS
        directory = os.open(self._root / "run", os.O_PATH)
        name = Path(CONTROL).name
        try:
            while time.monotonic() < until and self._process.poll() is None:
                held = socket.socket(socket.AF_UNIX)
                held.settimeout(ANSWER_SECONDS)
                try:
                    held.connect(f"/proc/self/fd/{directory}/{name}")
                except OSError:
                    held.close()
                    time.sleep(0.02)
                else:
                    return held
        finally:
            os.close(directory)
        raise self._ended()

    def ask(self, command: str, **arguments: object) -> Any:
        """The answer to a QMP command. Errors: EndedError, RuntimeError where it is refused."""
        asked = {"execute": command, "arguments": arguments}
        try:
            self._socket.sendall(json.dumps(asked).encode() + b"\n")
            while line := self._lines.readline():
                answer = json.loads(line)  # the greeting and events are neither
                if "return" in answer:
                    return answer["return"]
                if "error" in answer:
                    raise RuntimeError(answer["error"]["desc"])
        except OSError:
            pass
        raise self._ended()

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def processor_seconds(self) -> float:
        """What the process and those below it have used of processors."""
        used = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")

    def _ended(self) -> EndedError:
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            return EndedError("QEMU does not answer")
        return EndedError(self.last_words())

    def last_words(self) -> str:
        """What it wrote."""
        return self._log.read_text(errors="replace").strip()[-1500:]

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
