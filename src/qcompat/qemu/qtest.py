"""The qtest protocol: access to the ports, memory and clock of a paused machine.

One line per command, one line per answer (QEMU's softmmu/qtest.c; present since 1.0 beside any
accelerator). Commands are sent in batches, since a round trip costs more than the command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from qcompat.errors import CommandError, QemuDiedError, QemuTimeoutError
from qcompat.qemu.patience import Patience

_BATCH = 512
BATCH_SECONDS = 60.0
"""Time for 512 commands at most, which take milliseconds."""
_LINE_LIMIT = 4 * 1024 * 1024


class Qtest:
    """A session on the qtest socket of one QEMU."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: Patience
    ) -> None:
        self._patience = patience
        self._reader = reader
        self._writer = writer

    async def batch(self, commands: Sequence[str]) -> list[str]:
        """Send `commands` and return what follows `OK` in each answer, in order.

        Raises `CommandError` for a `FAIL` answer, `QemuDiedError` when QEMU goes away,
        `QemuTimeoutError` where it does not answer in `BATCH_SECONDS`.
        """
        answers: list[str] = []
        for start in range(0, len(commands), _BATCH):
            part = commands[start : start + _BATCH]
            try:
                with self._patience.waiting(BATCH_SECONDS) as most:
                    async with asyncio.timeout(most):
                        answers += await self._send(part)
            except TimeoutError as error:
                raise QemuTimeoutError(
                    f"QEMU did not answer qtest {part[0][:60]!r} within {BATCH_SECONDS:.0f} s"
                ) from error
        return answers

    async def _send(self, part: Sequence[str]) -> list[str]:
        self._writer.write("".join(f"{command}\n" for command in part).encode())
        return [await self._answer(command) for command in part]

    async def _answer(self, command: str) -> str:
        while True:
            try:
                line = (await self._reader.readline()).decode(errors="replace")
            except (OSError, ValueError) as error:
                raise QemuDiedError(f"qtest gave no usable answer to {command[:60]!r}") from error
            if not line.endswith("\n"):
                raise QemuDiedError(f"QEMU went away during qtest {command[:60]!r}")
            if line.startswith("IRQ "):
                continue
            word, _, rest = line.strip().partition(" ")
            if word != "OK":
                raise CommandError(f"qtest {command[:60]!r} failed: {line.strip()[:200]}")
            return rest

    async def numbers(self, commands: Sequence[str]) -> list[int]:
        """Send reading commands (`inl`, `readw` …) and return their values."""
        return [int(answer, 0) for answer in await self.batch(commands)]

    async def read(self, address: int, length: int) -> bytes:
        """Read guest memory (or what a device shows there)."""
        (answer,) = await self.batch([f"read {address:#x} {length:#x}"])
        return bytes.fromhex(answer.removeprefix("0x"))

    async def write(self, address: int, data: bytes) -> None:
        """Write guest memory."""
        await self.batch([f"write {address:#x} {len(data):#x} 0x{data.hex()}"])

    async def close(self) -> None:
        """End the session."""
        self._writer.close()


LINE_LIMIT = _LINE_LIMIT
