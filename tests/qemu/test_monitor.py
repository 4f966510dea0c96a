"""A monitor that is not ours: nothing is sent but questions, and nobody there can hold us up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from qcompat.builds.build import Build
from qcompat.errors import CommandError, QemuError, QemuTimeoutError, UsageError
from qcompat.portrait.portrait import Accel
from qcompat.qemu import qmp_socket
from qcompat.qemu.monitor import ALLOWED, DEBUGGING
from qcompat.qemu.qmp_socket import look_at
from tests.running_guest import running

VERSION = {"qemu": {"major": 9, "minor": 0, "micro": 0}, "package": ""}
GREETING = {"QMP": {"version": VERSION, "capabilities": []}}
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


@contextlib.asynccontextmanager
async def _served(place: Path, serve: Serve) -> AsyncIterator[Path]:
    server = await asyncio.start_unix_server(serve, place / "s")
    try:
        yield place / "s"
    finally:
        server.close()


async def _qemu(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: Any) -> None:
    """Greets as QEMU does and answers everything with what `said` makes of the request."""
    _send(writer, GREETING)
    while line := await reader.read(65536):  # the client ends no message with a newline
        request = json.loads(line)
        answer = {"return": {}} if request["execute"] == "qmp_capabilities" else said(request)
        if answer is not None:
            _send(writer, {**answer, **({"id": request["id"]} if "id" in request else {})})


def _send(writer: asyncio.StreamWriter, message: Any) -> None:
    writer.write(json.dumps(message).encode() + b"\n")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qmp_socket, "GREETING_SECONDS", 0.5)
    monkeypatch.setattr(qmp_socket, "ANSWER_SECONDS", 0.5)


@pytest.mark.parametrize(
    "command",
    ["quit", "stop", "cont", "system_reset", "migrate", "qom-set", "device_add", "device_del",
     "netdev_add", "human-monitor-command", "migrate-set-parameters", "getfd", "x-query-virtio",
     "x-query-virtio-status", "query-cpu-model-expansion", "dump-guest-memory", "screendump"],
)  # fmt: skip
async def test_what_is_no_harmless_question_is_never_sent(tmp_path: Path, command: str) -> None:
    heard: list[str] = []

    def said(request: Mapping[str, Any]) -> Any:
        heard.append(request["execute"])
        return {"return": {"running": True, "status": "running"}}

    async with _served(tmp_path, lambda r, w: _qemu(r, w, said)) as path, look_at(path) as asked:
        with pytest.raises(ValueError, match="may not be sent"):
            await asked.ask(command)
        with pytest.raises(ValueError, match="may not be sent"):
            await asked.monitor("info qtree\nquit")
        await asked.ask("query-status")
    assert heard == ["query-status"]


def test_all_that_may_be_sent_only_looks() -> None:
    looking = {"qom-get", "qom-list", "human-monitor-command"}
    assert all(c in looking or c.startswith("query-") for c in ALLOWED)
    assert all(c.startswith("x-query-") for c in DEBUGGING)
    lines = ALLOWED["human-monitor-command"] or frozenset()
    assert all(line.startswith("info ") for line in lines)
    assert lines


async def test_a_debugging_command_is_sent_only_where_a_twin_survived_it(tmp_path: Path) -> None:
    tried = frozenset({"x-query-virtio"})
    async with (
        _served(tmp_path, lambda r, w: _qemu(r, w, lambda _: {"return": []})) as path,
        look_at(path, tried) as asked,
    ):
        assert await asked.ask("x-query-virtio") == []
        with pytest.raises(ValueError, match="may not be sent"):
            await asked.ask("x-query-virtio-status", path="/x")


async def test_a_monitor_that_another_client_has_is_told_in_seconds(tmp_path: Path) -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)
        writer.close()

    async with _served(tmp_path, silent) as path:
        began = time.monotonic()
        with pytest.raises(QemuError, match="another client") as caught:
            async with look_at(path):
                pass
    assert time.monotonic() - began < 3
    assert "one client at a time" in caught.value.hint


@pytest.mark.parametrize("garbage", [b"\0\xff" * 100 + b"\n", b"[]\n", b'{"a":1}\n', b"5" * 10**6])
async def test_what_does_not_greet_as_qemu_does_is_refused(tmp_path: Path, garbage: bytes) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(garbage)
        await asyncio.sleep(1)
        writer.close()

    async with _served(tmp_path, babble) as path:
        with pytest.raises(QemuError):
            async with look_at(path):
                pass


async def test_an_endless_line_ends_with_an_error(tmp_path: Path) -> None:
    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()

    async with _served(tmp_path, flood) as path:
        with pytest.raises(QemuError):
            async with look_at(path):
                pass


async def test_an_answer_that_does_not_come_and_one_that_is_an_error(tmp_path: Path) -> None:
    def said(request: Mapping[str, Any]) -> Any:
        is_asked = request["execute"] == "query-kvm"
        return {"error": {"class": "GenericError", "desc": "no"}} if is_asked else None

    async with _served(tmp_path, lambda r, w: _qemu(r, w, said)) as path, look_at(path) as asked:
        with pytest.raises(CommandError, match="query-kvm"):
            await asked.ask("query-kvm")
        with pytest.raises(QemuTimeoutError, match="query-status"):
            await asked.ask("query-status")


@pytest.mark.parametrize("kind", ["missing", "file", "directory", "dead"])
async def test_a_path_that_is_no_socket_is_wrong_usage(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "file":
        path.write_text("")
    elif kind == "directory":
        path.mkdir()
    elif kind == "dead":
        server = await asyncio.start_unix_server(lambda *_: None, path)
        server.close()
        await server.wait_closed()
    with pytest.raises(UsageError):
        async with look_at(path):
            pass


@pytest.mark.parametrize("kind", ["abstract", "long"])
async def test_a_socket_is_reached_by_a_name_of_any_form(tmp_path: Path, kind: str) -> None:
    directory = tmp_path / ("d" * 120)
    directory.mkdir()
    path = Path(f"\0{tmp_path}") if kind == "abstract" else directory / "s"
    ours = socket.socket(socket.AF_UNIX)
    with contextlib.chdir(directory):
        ours.bind(os.fspath(path) if kind == "abstract" else "s")
    server = await asyncio.start_unix_server(
        lambda r, w: _qemu(r, w, lambda _: {"return": {"status": "running", "running": True}}),
        sock=ours,
    )
    async with server, look_at(path) as asked:
        assert (await asked.ask("query-status"))["running"]


@pytest.mark.lab
async def test_a_real_monitor_serves_one_client_and_tells_who_made_it(
    newest: Build, accel: Accel
) -> None:
    words = ["-machine", "q35", "-nodefaults", "-m", "64", "-S"]
    with running(newest, words, accel) as (path, process):
        async with look_at(path) as first:
            assert first.pid is not None
            assert (await first.ask("query-status"))["status"] == "prelaunch"
            with pytest.raises(QemuError, match="another client"):
                async with look_at(path):
                    pass
        async with look_at(path) as again:
            assert again.pid == first.pid
        assert process.poll() is None
