"""One command of qcompat meets one hostile build or monitor; what came of it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tools.attack import witness
from tools.attack.hostile.kinds import HONEST, LINES, Kind
from tools.attack.room import Room, with_registered_builds

SECONDS = {"machine": 600.0}
"""No command takes longer, however slow its QEMU is (docs/reference/limits.md)."""
_USUAL = 180.0
BYTES = 600 << 20
"""No command has more memory, whatever its QEMU says."""
_HERE = Path(__file__).parent
_BUG = ("has a bug", "Traceback", "Exception ignored", "never retrieved", "never awaited")
_CONTROL = frozenset(range(32)) - {9, 10} | {127} | set(range(128, 160))
_PERIOD = 0.05
QCOMPAT = str(Path(sys.executable).with_name("qcompat"))


class Outcome(msgspec.Struct, frozen=True):
    """Exit code, seconds, bytes of memory of the command itself, and what was wrong."""

    code: int
    seconds: float
    memory: int
    said: str
    wrong: tuple[str, ...]


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
            return self._watched(self._line(LINES[kind.command]))

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

    def _watched(self, line: str) -> Outcome:
        streams = self._room.output / "stdout", self._room.output / "stderr"
        begun, memory = time.monotonic(), 0
        bound = SECONDS.get(line.partition(" ")[0], _USUAL)
        with streams[0].open("wb") as out, streams[1].open("wb") as error:
            process = subprocess.Popen(
                [QCOMPAT, *line.split()], env=self._room.environment(), cwd=self._room.place,
                stdin=subprocess.DEVNULL, stdout=out, stderr=error, start_new_session=True,
            )  # fmt: skip
            while process.poll() is None and time.monotonic() - begun < bound:
                memory = max(memory, witness.memory_of(process.pid))
                time.sleep(_PERIOD)
        seconds, wrong = time.monotonic() - begun, []
        if process.poll() is None:
            wrong.append("hangs")
            process.kill()
        code = process.wait()
        said = b"".join(path.read_bytes()[: 1 << 20] for path in streams)
        wrong += [*_wrong(code, memory, said), *self._left(line)]
        return Outcome(code, seconds, memory, said[-500:].decode(errors="replace"), tuple(wrong))

    def _left(self, line: str) -> Iterator[str]:
        server = str(self._build / "lib") if line.startswith("carry") else ""
        for told in witness.left_processes(besides=server):
            yield f"left a process: {told}"
        for name in witness.left_files(self._room):
            if not name.startswith("socket") and name != "tmp/qmp":
                yield f"left {name}"
        for name in witness.damaged_files(self._room):
            yield f"damaged {name}"


def _wrong(code: int, memory: int, said: bytes) -> Iterator[str]:
    text = said.decode(errors="replace")
    yield from (f"said: {sign}" for sign in _BUG if sign in text)
    if any(ord(character) in _CONTROL for character in text):
        yield "printed control characters"
    if code not in range(5) and code != -9:
        yield f"ended with {code}"
    if memory > BYTES:
        yield f"took {memory >> 20} MB"
