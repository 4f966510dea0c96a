"""The talk with the agent, over all QEMUs that its guest runs in, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable

import msgspec

from qcompat.errors import EnvironmentError_
from qcompat.local.uninterrupted import stopped
from qcompat.trial.live.agent.messages import GuestReport, Messages, read_report

STALL = 60.0
"""Seconds of silence after which the guest counts as dead; a booting kernel prints a lot."""
_ATTEMPTS = 3


class Chunk(msgspec.Struct, frozen=True):
    """Bytes that arrived together, and the host's monotonic time in seconds."""

    at: float
    data: bytes


class Port:
    """Our end of the agent's serial port on one QEMU; QEMU inherits `qemu_end`."""

    def __init__(self) -> None:
        self._our_end, self.qemu_end = socket.socketpair()
        self._our_end.setblocking(False)
        self.chunks: list[Chunk] = []
        self.has_ended = False
        self._notify: Callable[[], None] = lambda: None
        self._listening = asyncio.create_task(self._listen())

    def on_data(self, notify: Callable[[], None]) -> None:
        """Call `notify` whenever data arrive, and when the port ends."""
        self._notify = notify

    async def send(self, text: str) -> None:
        """Send text to the guest. What QEMU no longer takes is lost, as on a real line."""
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(self._our_end, text.encode())

    async def close(self) -> None:
        await stopped(self._listening)
        self._our_end.close()
        self.qemu_end.close()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await loop.sock_recv(self._our_end, 1 << 16):
                self.chunks.append(Chunk(time.monotonic(), data))
                self._notify()
        self.has_ended = True
        self._notify()


class SilentError(EnvironmentError_):
    """The guest did not say in time what was expected of it."""


class Conversation:
    """What the guest said, in order, whichever QEMU it ran in."""

    def __init__(self) -> None:
        self.messages = Messages()
        self._ports: list[Port] = []
        self._taken = 0
        self._arrived = asyncio.Event()

    def attach(self, port: Port) -> None:
        """Add the next QEMU's port; it is read once the one before it has ended."""
        self._ports.append(port)
        port.on_data(self._listen)

    async def wait(
        self, until: Callable[[Messages], bool], seconds: float, what: str, stall: float = STALL
    ) -> None:
        """Listen until something was said, and no longer than `seconds`.

        Raises SilentError with the guest's last words; already after `stall` seconds if it says
        nothing at all.
        """
        try:
            async with asyncio.timeout(seconds):
                while not until(self.messages):
                    self._check(what)
                    self._arrived.clear()
                    await asyncio.wait_for(self._arrived.wait(), stall)
        except TimeoutError:
            raise SilentError(f"{what} in time{self._last_words()}") from None

    async def report(self, seconds: float) -> GuestReport:
        """Ask the guest for a report. Raises SilentError."""
        for _ in range(_ATTEMPTS):
            before = len(self.messages.reports)
            await self._ports[-1].send("report\n")
            await self.wait(
                lambda messages, before=before: len(messages.reports) > before,  # type: ignore[misc]
                seconds,
                "the guest gave no report",
            )
            if (data := self.messages.reports[-1]) is not None:
                return read_report(data)
        raise SilentError("the guest's reports arrive garbled: its serial port loses bytes")

    async def probe(self, seconds: float) -> None:
        """Have the guest look for what was plugged. Raises SilentError."""
        before = self.messages.probes
        await self._ports[-1].send("probe\n")
        what = "the guest did not look for what was plugged"
        await self.wait(lambda messages: messages.probes > before, seconds, what)

    def _listen(self) -> None:
        """Read what came, in the order in which the QEMUs ran."""
        while self._ports:
            port = self._ports[0]
            for chunk in port.chunks[self._taken :]:
                self.messages.feed(chunk.data, chunk.at)
            self._taken = len(port.chunks)
            if not port.has_ended or len(self._ports) == 1:
                break
            del self._ports[0]
            self._taken = 0
        self._arrived.set()

    def _check(self, what: str) -> None:
        if self.messages.has_panicked:
            raise SilentError(f"{what}: its kernel panicked{self._last_words()}")
        if self._ports and self._ports[-1].has_ended:
            raise SilentError(f"{what}: its QEMU ended{self._last_words()}")

    def _last_words(self) -> str:
        words = [line for line in self.messages.console if line.strip()][-3:]
        return f"; its console last said: {' / '.join(words)}" if words else "; it said nothing"
