"""The vhost-user process that stands in: it answers what QEMU asks, and survives the rest."""

from __future__ import annotations

import array
import asyncio
import contextlib
import socket
import struct
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from qcompat.qemu.supplies.names import VHOST_USER
from qcompat.qemu.supplies.supplies import supplied

HEADER = struct.Struct("<III")
GET_FEATURES, SET_OWNER, SET_VRING_BASE, GET_VRING_BASE, SET_BACKEND = 1, 3, 10, 11, 21
NEED_REPLY = 8


@contextlib.asynccontextmanager
async def process() -> AsyncIterator[str]:
    """The path on which one answers."""
    async with supplied([], ["-chardev", f"socket,id=c,path={VHOST_USER}"]) as supplies:
        yield supplies.arguments[1].partition("path=")[2]


class Vmm:
    """QEMU's side of the conversation."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._socket.setblocking(False)

    async def tell(self, request: int, payload: bytes = b"", flags: int = 1) -> None:
        head = HEADER.pack(request, flags, len(payload))
        await asyncio.get_running_loop().sock_sendall(self._socket, head + payload)

    async def ask(self, request: int, payload: bytes = b"", flags: int = 1) -> bytes:
        await self.tell(request, payload, flags)
        return (await self.read())[HEADER.size :]

    async def read(self) -> bytes:
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._socket, 4096), 5)

    def send_file(self, request: int, file: int) -> None:
        files = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))
        self._socket.sendmsg([HEADER.pack(request, 1, 0)], [files])

    def close(self) -> None:
        self._socket.close()


async def test_it_takes_every_feature() -> None:
    async with process() as path:
        with contextlib.closing(Vmm(path)) as vmm:
            assert await vmm.ask(GET_FEATURES) == b"\xff" * 8


async def test_a_queue_is_where_it_was_put() -> None:
    async with process() as path:
        with contextlib.closing(Vmm(path)) as vmm:
            await vmm.tell(SET_VRING_BASE, struct.pack("<II", 3, 77))
            assert await vmm.ask(GET_VRING_BASE, struct.pack("<II", 3, 0)) == struct.pack(
                "<II", 3, 77
            )


async def test_it_acknowledges_what_asks_for_it() -> None:
    async with process() as path:
        with contextlib.closing(Vmm(path)) as vmm:
            assert await vmm.ask(SET_OWNER, flags=1 | NEED_REPLY) == bytes(8)


async def test_several_devices_are_answered_at_once() -> None:
    async with process() as path:
        with contextlib.closing(Vmm(path)) as one, contextlib.closing(Vmm(path)) as other:
            await one.tell(SET_VRING_BASE, struct.pack("<II", 0, 5))
            assert await other.ask(GET_VRING_BASE, bytes(8)) == bytes(8)


@pytest.mark.parametrize(
    "message",
    [
        HEADER.pack(GET_FEATURES, 1, 1 << 31),
        HEADER.pack(SET_VRING_BASE, 1, 3) + b"abc",
        HEADER.pack(0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
    ],
)
async def test_a_message_that_no_qemu_sends_ends_the_conversation_alone(message: bytes) -> None:
    async with process() as path:
        with contextlib.closing(Vmm(path)) as hostile, contextlib.closing(Vmm(path)) as other:
            await asyncio.get_running_loop().sock_sendall(hostile._socket, message)
            assert await hostile.read() == b""
            assert await other.ask(GET_FEATURES) == b"\xff" * 8


async def test_no_file_stays_open_or_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(Path("/proc/self/fd").iterdir())
    async with process() as path:
        assert list(tmp_path.iterdir()) == []
        with contextlib.closing(Vmm(path)) as vmm:
            for request in (SET_BACKEND, SET_BACKEND, SET_OWNER):
                vmm.send_file(request, 0)
            assert await vmm.ask(GET_FEATURES)
    assert set(Path("/proc/self/fd").iterdir()) == before


async def test_it_answers_wherever_temporary_files_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of a socket has 107 bytes."""
    far = tmp_path / ("x" * 100)
    far.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(far))
    async with process() as path:
        Vmm(path)
    assert list(far.iterdir()) == []
