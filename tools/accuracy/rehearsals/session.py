"""The monitor of a QEMU that we started, as `take_device_state` wants it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from qcompat.qemu.monitor import pauses_in
from qcompat.qemu.process import Qemu


class OwnSession:
    """The monitor of a QEMU of ours as `take_device_state` wants it."""

    def __init__(self, qemu: Qemu) -> None:
        self._qemu = qemu

    async def ask(self, command: str, **arguments: Any) -> Any:
        return await self._qemu.execute(command, arguments or None)

    async def hand(self, descriptor: int, command: str, **arguments: Any) -> Any:
        self._qemu.client.send_fd_scm(descriptor)
        return await self.ask(command, **arguments)

    @contextlib.asynccontextmanager
    async def pauses(self) -> AsyncIterator[list[float]]:
        found: list[float] = []
        with self._qemu.client.listener(("STOP", "RESUME")) as events:
            yield found
            found += pauses_in(events.clear())
