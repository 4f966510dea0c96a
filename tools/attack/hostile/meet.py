"""One command of qcompat meets one hostile build or monitor; what came of it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tools.attack import witness
from tools.attack.hostile.kinds import HONEST, LINES, Kind
from tools.attack.room import Room, with_registered_builds
from tools.attack.watch import QCOMPAT, Outcome, watched

SECONDS = {"machine": 600.0}
"""No command takes longer, however slow its QEMU is (docs/reference/limits.md)."""
_USUAL = 180.0
_HERE = Path(__file__).parent


class Meeting:
    """A place with a hostile build, whose defect is another each time."""

    def __init__(self, place: Path, recording: Path) -> None:
        witness.adopt()
        self._room = Room(place / "room")
        self._build = place / "qemu"
        self._binary = self._build / "qemu-system-x86_64"
        self._make(recording)
        self._template = with_registered_builds(place / "template")
        self._real = sorted(path.stem for path in (self._template.home / "builds").iterdir())[0]
        self._told(HONEST)
        for line in (f"builds add hostile {self._binary}", self._line(LINES["check"])):
            self._run(self._template, line)

    def meet(self, kind: Kind) -> Outcome:
        """Run the command of a kind, and look at it and at what it left."""
        self._room.fresh(self._template)
        self._told(kind.defect)
        with self._server() if kind.command == "carry" else contextlib.nullcontext():
            line = self._line(LINES[kind.command])
            ours = str(self._build / "lib") if kind.command == "carry" else ""
            seconds = SECONDS.get(line.partition(" ")[0], _USUAL)
            return watched(line.split(), self._room, seconds, ours=ours)

    def _make(self, recording: Path) -> None:
        package = self._build / "lib" / "tools" / "attack" / "hostile"
        package.mkdir(parents=True)
        subprocess.run(["cc", "-o", self._binary, _HERE / "launcher.c"], check=True)
        for name in ("__init__", "program", "session", "spoilt", "misdeeds"):
            shutil.copy(_HERE / f"{name}.py", package)
        shutil.copytree(recording, self._build / "lib" / "recording")

    def _told(self, defect: object) -> None:
        (self._build / "lib" / "defect.json").write_text(json.dumps(defect))

    def _line(self, line: str) -> str:
        return line.format(binary=self._binary, place=self._room.place, real=self._real)

    def _run(self, room: Room, line: str) -> None:
        subprocess.run(
            [QCOMPAT, *line.split()], env=room.environment(), check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    @contextlib.contextmanager
    def _server(self) -> Iterator[None]:
        """The monitor's socket, and the process behind it."""
        path = self._room.place / "qmp"
        words = [str(self._binary), "--serve", str(path)]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as server:
            while not path.exists() and server.poll() is None:
                time.sleep(0.02)
            try:
                yield
            finally:
                server.kill()  # what it started itself is none of qcompat's
                witness.end_all()
