"""The TPM emulator that stands in: what it answers QEMU, and what ends its conversations."""

from __future__ import annotations

import array
import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

import pytest

from qcompat.qemu.supplies.names import TPM
from qcompat.qemu.supplies.supplies import supplied

GET_CAPABILITY, INIT, GET_STATE, SET_STATE, STOP, SET_DATA_FD, SET_BUFFER_SIZE = (
    1,
    2,
    12,
    13,
    14,
    16,
    17,
)


@contextlib.asynccontextmanager
async def control() -> AsyncIterator[socket.socket]:
    """QEMU's end of a conversation."""
    async with supplied([], [f"path={TPM}"]) as supplies:
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(supplies.arguments[0].partition("=")[2])
            end.setblocking(False)
            yield end


async def ask(end: socket.socket, message: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(end, message)
    return await asyncio.wait_for(loop.sock_recv(end, 4096), 5)


@pytest.mark.parametrize(
    ("request_", "payload", "size"),
    [
        (INIT, bytes(4), 4),
        (STOP, b"", 4),
        (SET_BUFFER_SIZE, bytes(4), 16),
        (GET_STATE, bytes(12), 16),
    ],
)
async def test_it_does_what_it_is_told(request_: int, payload: bytes, size: int) -> None:
    async with control() as end:
        reply = await ask(end, struct.pack(">I", request_) + payload)
        assert (len(reply), reply[:4]) == (size, bytes(4))


async def test_it_can_all_that_a_migration_needs() -> None:
    async with control() as end:
        (capabilities,) = struct.unpack(">Q", await ask(end, struct.pack(">I", GET_CAPABILITY)))
        assert capabilities & 0x300 == 0x300  # GET_STATEBLOB, SET_STATEBLOB


async def test_it_takes_any_state() -> None:
    async with control() as end:
        head = struct.pack(">IIII", SET_STATE, 0, 1, 5000)
        assert await ask(end, head + bytes(5000)) == bytes(4)


async def test_it_is_a_tpm_2_that_fails_commands() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        async with control() as end:
            files = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))
            end.sendmsg([struct.pack(">I", SET_DATA_FD)], [files])
            assert await asyncio.get_running_loop().sock_recv(end, 4) == bytes(4)
            ours.setblocking(False)
            reply = await ask(ours, struct.pack(">HIIH", 0x8001, 12, 0x144, 0))
            assert struct.unpack(">HI", reply[:6]) == (0x8001, 10)


@pytest.mark.parametrize("size", [1 << 31, 0xFFFFFFFF])
async def test_a_state_that_no_tpm_has_ends_the_conversation(size: int) -> None:
    async with control() as end:
        assert await ask(end, struct.pack(">IIII", SET_STATE, 0, 1, size)) == b""
