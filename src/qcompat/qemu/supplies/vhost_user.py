"""A vhost-user process that takes every feature and moves no data.

QEMU asks it before the guest exists, so without an answer no guest with such a card starts.
Messages and numbers: docs/interop/vhost-user.rst of 10.0. It maps no memory and rings no bell: a
guest that drives the card gets no packet, and none of its own leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator

_HEADER = struct.Struct("<III")  # request, flags, bytes that follow
_U64 = struct.Struct("<Q")
_STATE = struct.Struct("<II")  # a queue's number, and a value
_VERSION, _REPLY, _NEED_REPLY = 0x1, 0x4, 0x8
_LARGEST = 1 << 12
_MOST_FILES = 8  # VHOST_USER_BACKEND_MAX_FDS, hw/virtio/vhost-user.c
_MOST_QUEUES = 1024
_MOST_DEVICES = 256

_GET_FEATURES, _SET_LOG_BASE, _SET_VRING_BASE, _GET_VRING_BASE = 1, 6, 10, 11
_GET_PROTOCOL_FEATURES, _GET_QUEUE_NUM, _SET_BACKEND_REQ_FD, _GET_MAX_MEM_SLOTS = 15, 17, 21, 36
_ALL = (1 << 64) - 1
# MQ, LOG_SHMFD (without it a guest cannot migrate), RARP, REPLY_ACK, NET_MTU, BACKEND_REQ (without
# these two no card with an IOMMU) and CONFIGURE_MEM_SLOTS (without it, 8 memory slots).
_PROTOCOL = sum(1 << bit for bit in (0, 1, 2, 3, 4, 5, 15))
_ANSWERS = {
    _GET_FEATURES: _ALL,
    _GET_PROTOCOL_FEATURES: _PROTOCOL,
    _GET_QUEUE_NUM: _MOST_QUEUES,
    _GET_MAX_MEM_SLOTS: 509,
    _SET_LOG_BASE: 0,
}


@contextlib.asynccontextmanager
async def answering(listening: socket.socket) -> AsyncIterator[None]:
    """Inside the context, whoever connects to the socket is answered."""
    listening.setblocking(False)
    serving = asyncio.create_task(_accept(listening))
    try:
        yield
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def _accept(listening: socket.socket) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(_MOST_DEVICES):
            connection, _ = await asyncio.get_running_loop().sock_accept(listening)
            tasks.create_task(_serve(connection))


async def _serve(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError, EOFError, struct.error):
        connection.setblocking(False)
        conversation = _Conversation(connection)
        try:
            while True:
                await conversation.answer_one()
        finally:
            conversation.close()


class _Conversation:
    """One device's conversation: the positions of its queues, and the files it must keep open."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._positions: dict[int, int] = {}
        self._files: list[int] = []
        self._kept: list[int] = []

    async def answer_one(self) -> None:
        """Raises EOFError at the end, and for a message that no QEMU sends."""
        request, flags, size = _HEADER.unpack(await self._read(_HEADER.size))
        if size > _LARGEST:
            raise EOFError
        payload = await self._read(size)
        self._keep_or_close(request)
        reply = self._reply(request, payload)
        if reply is None and flags & _NEED_REPLY:
            reply = _U64.pack(0)
        if reply is not None:
            head = _HEADER.pack(request, _VERSION | _REPLY, len(reply))
            await asyncio.get_running_loop().sock_sendall(self._connection, head + reply)

    def close(self) -> None:
        for file in (*self._files, *self._kept):
            os.close(file)

    def _reply(self, request: int, payload: bytes) -> bytes | None:
        if request in _ANSWERS:
            return _U64.pack(_ANSWERS[request])
        if request == _SET_VRING_BASE:
            queue, position = _STATE.unpack(payload)
            self._positions[queue % _MOST_QUEUES] = position
        if request == _GET_VRING_BASE:
            queue, _ = _STATE.unpack(payload)
            return _STATE.pack(queue, self._positions.get(queue, 0))
        return None

    def _keep_or_close(self, request: int) -> None:
        """QEMU complains when its own channel for questions back is closed; the rest is unused."""
        if request == _SET_BACKEND_REQ_FD and not self._kept:
            self._kept, self._files = self._files, []
        while self._files:
            os.close(self._files.pop())

    async def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            try:
                part, files, _, _ = socket.recv_fds(self._connection, size - len(data), _MOST_FILES)
            except BlockingIOError:
                await _readable(self._connection)
                continue
            self._files += files
            if not part:
                raise EOFError
            data += part
        return data


async def _readable(connection: socket.socket) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)
