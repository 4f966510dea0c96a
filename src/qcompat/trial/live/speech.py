"""What the agent says, read from the bytes of its port: beats, reports, and the kernel's words.

The grammar is at the head of `agent/agent.sh`. Bytes may come in any pieces; a line that was cut by
a migration goes on with the first bytes of the target.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

import msgspec

_BEAT = re.compile(r"@beat (\d+) (\d+\.\d+)")
_REPORT = re.compile(r"@report ([0-9a-f]{32})")
_KEPT_LINES = 40
_PANIC = "Kernel panic"


class Beat(msgspec.Struct, frozen=True):
    """One beat: its number, the guest's uptime, and when the host heard it, in seconds."""

    number: int
    uptime: float
    at: float


class Speech:
    """What was said so far."""

    def __init__(self) -> None:
        self.beats: list[Beat] = []
        self.boots = 0
        self.reports: list[bytes | None] = []
        self.console: list[str] = []
        self.has_panicked = False
        self._rest = b""
        self._open: list[str] | None = None
        self._sum = ""

    def hear(self, data: bytes, at: float) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").strip("\r"), at)

    def _line(self, line: str, at: float) -> None:
        if beat := _BEAT.fullmatch(line):
            self.beats.append(Beat(int(beat[1]), float(beat[2]), at))
        elif line == "@ready":
            self.boots += 1
        elif report := _REPORT.fullmatch(line):
            self._open, self._sum = [], report[1]
        elif line.startswith("@+ ") and self._open is not None:
            self._open.append(line[3:])
        elif line == "@end" and self._open is not None:
            self.reports.append(_decoded(self._open, self._sum))
            self._open = None
        else:
            self._console(line)

    def _console(self, line: str) -> None:
        self.has_panicked = self.has_panicked or _PANIC in line
        self.console = [*self.console, line][-_KEPT_LINES:] if line else self.console


def _decoded(lines: list[str], expected: str) -> bytes | None:
    """The report, or None if the kernel's own words got in between."""
    text = "".join(f"{line}\n" for line in lines)
    if hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() != expected:
        return None
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return None
