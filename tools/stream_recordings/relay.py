"""What stands between two QEMUs, or behind one, and keeps what the source sends.

Each connection that the source makes is one channel: the first bytes tell which.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

_KINDS = {b"QEVM": "mig", b"\x11\x22\x33\x44": "multifd"}
"""`migration_channel_read_peek` in migration.c of 8.0 tells channels apart in this way too."""


class Relay:
    """The channels that were opened so far, in the order of their opening."""

    def __init__(self, target: Path | None) -> None:
        self._target = target
        self._channels: list[bytearray] = []
        self.ended = asyncio.Event()

    @property
    def recordings(self) -> dict[str, bytes]:
        """What the source sent: the first channel of each kind (`mig`, `multifd`, `preempt`)."""
        found: dict[str, bytes] = {}
        for channel in self._channels:
            found.setdefault(_KINDS.get(bytes(channel[:4]), "preempt"), bytes(channel))
        return found

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on, in both directions; without a target, keep what comes."""
        kept = bytearray()
        self._channels.append(kept)
        if self._target is None:
            await _pass(reader, None, kept)
            writer.close()
            self.ended.set()
            return
        there, back = await asyncio.open_unix_connection(self._target)
        await asyncio.gather(_pass(reader, back, kept), _pass(there, writer, bytearray()))


@contextlib.asynccontextmanager
async def relay(source: Path, target: Path | None = None) -> AsyncIterator[Relay]:
    """Listen on the socket `source` for what is to reach the socket `target`, if there is one."""
    relayed = Relay(target)
    async with await asyncio.start_unix_server(relayed.accept, source):
        yield relayed
    source.unlink()


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None, kept: bytearray
) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            kept += data
            if writer is not None:
                writer.write(data)
                await writer.drain()
    if writer is not None:
        writer.close()
