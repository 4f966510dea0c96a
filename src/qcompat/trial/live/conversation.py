"""The talk with the agent, over all QEMUs that its guest lives on, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from qcompat.errors import EnvironmentError_
from qcompat.trial.live.port import Port
from qcompat.trial.live.report import Report, read_report
from qcompat.trial.live.speech import Speech

STALL = 60.0
"""Seconds of silence after which a guest says nothing any more; a booting kernel says much."""
_ATTEMPTS = 3


class SilentError(EnvironmentError_):
    """The guest did not say in time what it was to say."""


class Conversation:
    """What the guest said on its way, in order."""

    def __init__(self) -> None:
        self.speech = Speech()
        self._ports: list[Port] = []
        self._heard = 0
        self._news = asyncio.Event()

    def attach(self, port: Port) -> None:
        """The next QEMU's port: it is listened to when the one before it has ended."""
        self._ports.append(port)
        port.on_news(self._listen)

    async def wait(
        self, until: Callable[[Speech], bool], seconds: float, what: str, stall: float = STALL
    ) -> None:
        """Listen until something was said, and no longer than `seconds`.

        Raises SilentError with the guest's last words, sooner where it says nothing at all for
        `stall` seconds.
        """
        try:
            async with asyncio.timeout(seconds):
                while not until(self.speech):
                    self._check(what)
                    self._news.clear()
                    await asyncio.wait_for(self._news.wait(), stall)
        except TimeoutError:
            raise SilentError(f"{what} in time{self._last_words()}") from None

    async def report(self, seconds: float) -> Report:
        """Ask the guest how it fares. Raises SilentError."""
        for _ in range(_ATTEMPTS):
            told = len(self.speech.reports)
            await self._ports[-1].send("report\n")
            await self.wait(
                lambda speech, told=told: len(speech.reports) > told,  # type: ignore[misc]
                seconds,
                "the guest gave no report",
            )
            if (data := self.speech.reports[-1]) is not None:
                return read_report(data)
        raise SilentError("the guest's reports arrive garbled: its serial port loses bytes")

    def _listen(self) -> None:
        """Take in what came, in the order of the guest's life."""
        while self._ports:
            port = self._ports[0]
            for chunk in port.chunks[self._heard :]:
                self.speech.hear(chunk.data, chunk.at)
            self._heard = len(port.chunks)
            if not port.has_ended or len(self._ports) == 1:
                break
            del self._ports[0]
            self._heard = 0
        self._news.set()

    def _check(self, what: str) -> None:
        if self.speech.has_panicked:
            raise SilentError(f"{what}: its kernel panicked{self._last_words()}")
        if self._ports and self._ports[-1].has_ended:
            raise SilentError(f"{what}: its QEMU ended{self._last_words()}")

    def _last_words(self) -> str:
        words = [line for line in self.speech.console if line.strip()][-3:]
        return f"; its console last said: {' / '.join(words)}" if words else "; it said nothing"
