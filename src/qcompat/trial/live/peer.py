"""The stand-in behind one network card: it takes the guest's packets and answers them.

Packets come from and go to filters on the card's own backend (net/filter-mirror.c), so the
backend stays what it is, and with it all that the card offers the guest. Each packet is framed
by its length and the length of its vnet header, 4 bytes each.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from qcompat.trial.live.frames import answer

_FRAME = struct.Struct(">II")
_LARGEST = 1 << 17


class Peer:
    """Answers on `goes_in` what arrives on `comes_out`, until QEMU closes them."""

    def __init__(self, comes_out: socket.socket, goes_in: socket.socket) -> None:
        self._comes_out, self._goes_in = comes_out, goes_in
        self._serving = asyncio.create_task(self._serve())

    async def close(self) -> None:
        self._serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._serving
        self._comes_out.close()
        self._goes_in.close()

    async def _serve(self) -> None:
        reader, one = await asyncio.open_connection(sock=self._comes_out)
        _, writer = await asyncio.open_connection(sock=self._goes_in)
        with contextlib.closing(one), contextlib.closing(writer), contextlib.suppress(OSError):
            while packet := await _read(reader):
                if reply := _reply(*packet):
                    writer.write(reply)
                    await writer.drain()


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """The vnet header, perhaps empty, and the Ethernet frame behind it."""
    try:
        length, header = _FRAME.unpack(await reader.readexactly(_FRAME.size))
        if not header <= length <= _LARGEST:
            return None
        packet = await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        return None
    return packet[:header], packet[header:]


def _reply(header: bytes, frame: bytes) -> bytes:
    replied = answer(frame)
    if replied is None:
        return b""
    packet = bytes(len(header)) + replied  # zeros: nothing is left to be done by the card
    return _FRAME.pack(len(packet), len(header)) + packet
