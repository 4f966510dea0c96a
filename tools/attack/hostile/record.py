"""Records how a real build answers all that a command asks it, so that a hostile one can do so too.

An odd answer is of use only where everything before it was right: a reader that has already
refused the build reads nothing more. What is recorded, by the arguments of the QEMU that was asked:

    asked.json      {"-machine\\0help": {"output": …, "errors": …, "code": 0}}
    session-….json  {"qmp": {"query-machines {}": [[true, …]]}, "qtest": {"inl 0xcfc": ["0x…"]},
                     "stream": "base64"}, one for each QEMU that was started
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from qemu.qmp import ExecuteError, QMPClient

from qcompat.builds.build import Build
from qcompat.builds.learn import ask
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.builds.run.command import command
from qcompat.cli import run
from qcompat.local.home import data_home
from qcompat.machine.ask.gather import gather
from qcompat.qemu import launch, migration
from qcompat.qemu.process import Qemu
from qcompat.qemu.qtest import Qtest
from tools.attack.room import Room

_NUMBERS = re.compile(r"(?<=fd=)\d+|(?<=/proc/self/fd/)\d+")
_OURS = ("-chardev", "-mon", "-qtest", "-qtest-log", "-L")


def key_of(words: Sequence[str]) -> str:
    """The arguments that say which guest it is, without what is another at each start."""
    pairs = zip(words, [*words[1:], ""], strict=True)
    ours = {at for at, (word, value) in enumerate(pairs) if _is_of_session(word, value)}
    left = [word for at, word in enumerate(words) if not {at, at - 1} & ours]
    return "\0".join(_NUMBERS.sub("N", word) for word in left)


def _is_of_session(word: str, value: str) -> bool:
    names = ("qcompat-qmp", "id=qtest", "chardev:qtest", "none")
    return word == "-L" or (word in _OURS and any(name in value for name in names))


class Recorder:
    """What was asked and answered while `recording`."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.sessions: dict[str, dict[str, Any]] = {}
        self._words: dict[int, Sequence[str]] = {}
        self._of: dict[int, dict[str, Any]] = {}

    def session(self, owner: object) -> dict[str, Any]:
        """That of a client, a qtest or a QEMU; of a client that is none of ours, the monitor's."""
        return self._of.get(id(owner)) or self.sessions.setdefault("", _empty())

    def begin(self, qemu: Any) -> None:
        words = after_binary(self._words[qemu.pid])
        self._of[id(qemu)] = self.sessions.setdefault(key_of(words), _empty())
        self._of[id(qemu._client)] = self._of[id(qemu)]

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        """While the context lasts, everything that is asked of a build is kept."""
        with contextlib.ExitStack() as stack:
            for owner, name, made in (
                (ask, "_listen", self._listening), (launch, "start", self._starting),
                (Qemu, "connect", self._connecting), (QMPClient, "execute", self._executing),
                (Qtest, "_answer", self._answering), (migration, "_pump_from", self._pumping),
            ):  # fmt: skip
                real = getattr(owner, name)
                stack.callback(setattr, owner, name, real)
                setattr(owner, name, made(real))
            yield

    def _listening(self, real: Any) -> Any:
        def listen(process: Any, *rest: Any) -> Any:
            output, errors = real(process, *rest)
            key = key_of(after_binary(process.args))
            self.asked[key] = {
                "output": output.decode(errors="replace"),
                "errors": errors.decode(errors="replace"),
                "code": process.returncode,
            }
            return output, errors

        return listen

    def _starting(self, real: Any) -> Any:
        async def start(words: Sequence[str], inherit: Sequence[int]) -> Any:
            process = await real(words, inherit)
            self._words[process.pid] = words
            return process

        return start

    def _connecting(self, real: Any) -> Any:
        async def connect(qemu: Any, *sockets: Any) -> None:
            self.begin(qemu)
            await real(qemu, *sockets)
            self._of[id(qemu._qtest)] = self.session(qemu)

        return connect

    def _executing(self, real: Any) -> Any:
        async def execute(client: Any, command: str, arguments: Any = None) -> Any:
            answers = self.session(client)["qmp"].setdefault(question(command, arguments), [])
            try:
                answer = await real(client, command, arguments)
            except ExecuteError as error:
                answers.append([False, str(error)])
                raise
            answers.append([True, answer])
            return answer

        return execute

    def _answering(self, real: Any) -> Any:
        async def answer(qtest: Any, command: str) -> Any:
            told = await real(qtest, command)
            self.session(qtest)["qtest"].setdefault(command, []).append(told)
            return told

        return answer

    def _pumping(self, real: Any) -> Any:
        @contextlib.asynccontextmanager
        async def pump(qemu: Qemu, into: BinaryIO) -> Any:
            async with real(qemu, into) as pumped:
                yield pumped
            into.flush()
            content = os.pread(into.fileno(), os.fstat(into.fileno()).st_size, 0)
            self.session(qemu)["stream"] = base64.b64encode(content).decode()

        return pump


def _empty() -> dict[str, Any]:
    return {"qmp": {}, "qtest": {}, "stream": ""}


def name_of(key: str) -> str:
    """The name of a session's file."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def question(command: str, arguments: Any) -> str:
    """The key of a QMP command."""
    return f"{command} {json.dumps(arguments or {}, sort_keys=True)}"


def after_binary(words: Sequence[str]) -> list[str]:
    """The arguments of the emulator in the words that start it."""
    at = max(at for at, word in enumerate(words) if Path(word).name.startswith("qemu-system-"))
    return list(words[at + 1 :])


async def _look_at_running(build: Build, room: Room) -> None:
    """A real running guest with a monitor of its own, at which `carry` looks."""
    monitor = room.home / "qmp"
    words = [
        "-accel",
        "tcg",
        "-machine",
        "pc-q35-7.2",
        "-qmp",
        f"unix:{monitor},server=on,wait=off",
    ]
    look = ["carry", "--qmp", str(monitor), "--from", build.name, "--to", build.name]
    async with launch.launch(command(build, writable=[room.home]), words):
        with contextlib.redirect_stdout(io.StringIO()):
            await asyncio.to_thread(run, look)


_GUEST = "--accel tcg --machine pc-q35-7.2 --device virtio-net-pci"
_LINES = (
    "builds add again {binary} --root {root}",
    f"portrait take {{name}} -o {{place}}/p.qcp {_GUEST}",
    f"prove {{name}} {{name}} {_GUEST}",
    "host capture {name} -o {place}/h.json --accel tcg --no-backends",
)


def _version(build: Build) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", build.identity.version))


def record_real(to: Path) -> Path:
    """Record the newest registered build into a new directory; takes one or two minutes."""
    to.mkdir()
    room = Room(to.parent / "recorded")
    room.fresh()
    shutil.copytree(data_home() / "builds", room.home / "builds")
    os.environ |= room.environment()
    build = max(Registry(room.home).list(), key=_version)
    recorder = Recorder()
    with recorder.recording():
        for line in _LINES:
            words = line.format(
                name=build.name, binary=build.binary, root=build.root, place=room.home
            ).split()
            with contextlib.redirect_stdout(io.StringIO()):
                code = run(words)
            if code not in (0, 1, 3):
                raise SystemExit(f"{line}: ended with {code}")
        asyncio.run(gather(build, learn(build, cache=room.cache), "tcg"))
        asyncio.run(_look_at_running(build, room))
    (to / "asked.json").write_text(json.dumps(recorder.asked))
    for key, session in recorder.sessions.items():
        (to / f"session-{name_of(key)}.json").write_text(json.dumps(session))
    return to
