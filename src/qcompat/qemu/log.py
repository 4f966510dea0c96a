"""What a running QEMU prints, kept within bounds.

QEMU writes warnings, and sometimes floods; only the first and the last part are kept.
What the lines mean is for rules to decide; only warnings are told from errors here.
"""

from __future__ import annotations

import asyncio
import re

HEAD = 16 * 1024
TAIL = 48 * 1024

_WARNING = re.compile(r"(warning:|^\s*$)", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:/\S*/)?qemu-system-\S+: ")


class Log:
    """The output of one process: its first 16 KiB and its last 48 KiB."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """Add what the process printed."""
        room = HEAD - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        excess = len(self._tail) - TAIL
        if excess > 0:
            del self._tail[:excess]
            self._dropped += excess

    async def follow(self, reader: asyncio.StreamReader) -> None:
        """Read `reader` to its end, in bounded memory."""
        while data := await reader.read(65536):
            self.add(data)

    @property
    def text(self) -> str:
        """All that was kept, with a line where some was left out."""
        gap = f"\n[… {self._dropped} bytes left out …]\n".encode() if self._dropped else b""
        return bytes(self._head + gap + self._tail).decode(errors="replace")

    @property
    def complaint(self) -> str:
        """QEMU's error: the lines that are not warnings, without the program's name."""
        lines = (line for line in self.text.splitlines() if not _WARNING.search(line))
        return "\n".join(_PREFIX.sub("", line) for line in lines).strip()
