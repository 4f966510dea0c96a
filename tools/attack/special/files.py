"""Special files, each made anew below a directory; a name tells its kind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

_FOREVER = """
import sys
while True:
    with open(sys.argv[1], "wb", buffering=0) as pipe:
        try:
            while True:
                pipe.write(b"QEVM" * 16384)
        except BrokenPipeError:
            pass
"""


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _endless_pipe(path: Path) -> Path:
    os.mkfifo(path)
    subprocess.Popen([sys.executable, "-I", "-S", "-c", _FOREVER, str(path)])
    return path


def _socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    return path


def _link(target: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.symlink_to(target)
        return path

    return make


def _directory(path: Path) -> Path:
    path.mkdir()
    return path


def _deep_directory(path: Path) -> Path:
    for number in range(300):
        path.joinpath(*["d"] * number).mkdir()
    return path


def _sized(size: int, content: bytes = b"") -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(content)
        os.truncate(path, size or len(content))
        return path

    return make


def _named(name: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        odd = path.parent / os.fsdecode(name)
        odd.write_bytes(b"text")
        return odd

    return make


def _there(path: str) -> Callable[[Path], Path]:
    return lambda _: Path(path)


KINDS: Mapping[str, Callable[[Path], Path]] = {
    "pipe without a writer": _pipe,
    "endless pipe": _endless_pipe,
    "socket nobody listens on": _socket,
    "endless zeros": _there("/dev/zero"),
    "endless noise": _there("/dev/urandom"),
    "full device": _there("/dev/full"),
    "null device": _there("/dev/null"),
    "terminal": _there("/dev/tty"),
    "memory of the process": _there("/proc/self/mem"),
    "pages of the process": _there("/proc/self/pagemap"),
    "directory": _directory,
    "deep directory": _deep_directory,
    "directory of devices": _there("/dev"),
    "link to itself": _link("file"),
    "link to nothing": _link("nothing"),
    "link to zeros": _link("/dev/zero"),
    "nothing": _there("/nothing/here"),
    "below a file": _there("/etc/passwd/file"),
    "empty": _sized(0),
    "one byte": _sized(0, b"\xff"),
    "8 TiB of nothing": _sized(8 << 40),
    "8 TiB of a stream": _sized(8 << 40, b"QEVM\0\0\0\3"),
    "8 TiB of text": _sized(8 << 40, b"-machine pc-q35-7.2 "),
    "a long line": _sized(0, b"a" * (64 << 20)),
    "a name of escapes": _named(b"\x1b[31m\x1b]0;evil\x07\r\n"),
    "a name that is no text": _named(b"\xff\xfe\x80"),
    "a name of 255 letters": _named(b"n" * 255),
    "a name like an option": _named(b"--help"),
}
OUTSIDE = frozenset(
    {
        *("endless zeros", "endless noise", "full device", "null device", "terminal"),
        *("memory of the process", "pages of the process", "directory of devices"),
        *("link to zeros", "nothing", "below a file"),
    }
)
"""Those that are the machine's own: nothing is to be written there."""
