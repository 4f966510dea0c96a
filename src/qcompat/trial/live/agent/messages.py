"""What the agent says, read from the bytes of its port: beats, reports, and the kernel's words.

The grammar is at the head of `agent.sh`. Bytes may come in any pieces; a line that a migration
cuts in two goes on with the first bytes of the target. A report is what `collect.sh` gathered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Mapping

import msgspec

from qcompat.errors import FileFormatError

_BEAT = re.compile(r"@beat (\d+) (\d+\.\d+)")
_REPORT = re.compile(r"@report ([0-9a-f]{32})")
_KEPT_LINES = 40
_PANIC = "Kernel panic"


class Beat(msgspec.Struct, frozen=True):
    """One beat: its number, the guest's uptime, and when the host heard it, in seconds."""

    number: int
    uptime: float
    at: float


class Messages:
    """What the agent said so far."""

    def __init__(self) -> None:
        self.beats: list[Beat] = []
        self.boots = 0
        self.probes = 0
        self.reports: list[bytes | None] = []
        self.console: list[str] = []
        self.has_panicked = False
        self._rest = b""
        self._open: list[str] | None = None
        self._sum = ""

    def feed(self, data: bytes, at: float) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").strip("\r"), at)

    def _line(self, line: str, at: float) -> None:
        if beat := _BEAT.fullmatch(line):
            self.beats.append(Beat(int(beat[1]), float(beat[2]), at))
        elif line == "@ready":
            self.boots += 1
        elif line == "@probed":
            self.probes += 1
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


class GuestReport(msgspec.Struct, frozen=True):
    """The files that the agent gathered, by their path, such as `pci/0000:00:02.0`."""

    files: Mapping[str, bytes]

    def text(self, path: str) -> str:
        """A file's text without its last newline; empty where there is none."""
        return self.files.get(path, b"").decode(errors="replace").strip()

    def below(self, directory: str) -> dict[str, bytes]:
        """The files of one directory, by name, in order."""
        prefix = f"{directory}/"
        return {
            path.removeprefix(prefix): data
            for path, data in sorted(self.files.items())
            if path.startswith(prefix)
        }


def read_report(data: bytes) -> GuestReport:
    """Errors: FileFormatError when it is no archive of the kind that the agent writes."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            return GuestReport({_path(member): _data(archive, member) for member in archive})
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise FileFormatError(f"the guest's report cannot be read: {error}") from error


def _path(member: tarfile.TarInfo) -> str:
    return member.name.removeprefix("./")


def _data(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = archive.extractfile(member) if member.isfile() else None
    return opened.read() if opened else b""
