"""One end of a conversation with QEMU over a socket: exact reads, and the files that come along."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

from qcompat.local.uninterrupted import stopped

_MOST_FILES = 8  # VHOST_USER_BACKEND_MAX_FDS, hw/virtio/vhost-user.c; the most of all peers
_MOST_CONNECTIONS = 256


class Wire:
    """A connection. `files` are those received and not taken; whoever takes one closes it."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self.files: list[int] = []

    async def read(self, size: int) -> bytes:
        """So many bytes. Raises EOFError where QEMU closes its end before."""
        data = b""
        while len(data) < size:
            try:
                part, files, _, _ = socket.recv_fds(self._connection, size - len(data), _MOST_FILES)
            except BlockingIOError:
                await _readable(self._connection)
                continue
            self.files += files
            if not part:
                raise EOFError
            data += part
        return data

    async def write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._connection, data)

    def drop_files(self) -> None:
        while self.files:
            os.close(self.files.pop())


Serve = Callable[[Wire], Awaitable[None]]
"""Holds one conversation, to its end: until EOFError, or an error of the socket, is raised."""


@contextlib.asynccontextmanager
async def answering(listening: socket.socket, serve: Serve) -> AsyncIterator[None]:
    """Inside the context, whoever connects to the socket is served."""
    listening.setblocking(False)
    serving = asyncio.create_task(_accept(listening, serve))
    try:
        yield
    finally:
        await stopped(serving)


async def _accept(listening: socket.socket, serve: Serve) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(_MOST_CONNECTIONS):
            connection, _ = await asyncio.get_running_loop().sock_accept(listening)
            tasks.create_task(_converse(connection, serve))


async def _converse(connection: socket.socket, serve: Serve) -> None:
    with connection, contextlib.suppress(OSError, EOFError):
        wire = Wire(connection)
        try:
            await serve(wire)
        finally:
            wire.drop_files()


async def _readable(connection: socket.socket) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)
