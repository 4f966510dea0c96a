"""Our end of the agent's serial port on one QEMU: what came, and when."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable

import msgspec


class Chunk(msgspec.Struct, frozen=True):
    """Bytes that arrived together, and the host's monotonic time in seconds."""

    at: float
    data: bytes


class Port:
    """One QEMU's end of the guest's port; `theirs` is for QEMU to inherit."""

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()
        self._ours.setblocking(False)
        self.chunks: list[Chunk] = []
        self.has_ended = False
        self._heard: Callable[[], None] = lambda: None
        self._listening = asyncio.create_task(self._listen())

    def on_news(self, heard: Callable[[], None]) -> None:
        """Call `heard` whenever something came, or the end."""
        self._heard = heard

    async def send(self, text: str) -> None:
        """Say something to the guest. What QEMU no longer takes is lost, as on a real line."""
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(self._ours, text.encode())

    async def close(self) -> None:
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening
        self._ours.close()
        self.theirs.close()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await loop.sock_recv(self._ours, 1 << 16):
                self.chunks.append(Chunk(time.monotonic(), data))
                self._heard()
        self.has_ended = True
        self._heard()
