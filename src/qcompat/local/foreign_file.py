"""A file that someone else wrote: opened without waiting for anybody, read up to a bound.

A path of the user's may name anything: a pipe that nobody writes to, a device without an end. Only
regular files are read, and pipes that the user handed over on purpose (`/dev/stdin`, `<(…)`).
A stream may also be on a disk, or come through a pipe with a name.
"""

from __future__ import annotations

import os
import re
import select
import stat
from pathlib import Path
from typing import BinaryIO

from qcompat.errors import FileFormatError

_HANDED_OVER = re.compile(r"/dev/(stdin|fd/\d+)|/proc/self/fd/\d+")
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


_PIECE = 1 << 20
_PATIENCE = 30.0
"""Seconds in which something has to come through a pipe with a name."""


def open_foreign(path: Path, hint: str = "", *, is_stream: bool = False) -> BinaryIO:
    """The file, open for reading.

    Errors: FileFormatError, with `hint`, for what cannot be opened or is no file, and for a pipe
    into which nobody writes.
    """
    try:
        _refuse_special(path, path.stat().st_mode, hint, is_stream)
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            mode = os.fstat(opened).st_mode
            _refuse_special(path, mode, hint, is_stream)
            if stat.S_ISFIFO(mode) and not _HANDED_OVER.fullmatch(str(path)):
                _wait_for_writer(path, opened)
            os.set_blocking(opened, True)
        except BaseException:
            os.close(opened)
            raise
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        raise _unreadable(path, error, hint) from error
    return open(path, "rb", opener=lambda *_: opened)


def read_foreign(path: Path, most: int, hint: str = "") -> bytes:
    """The content of a file of `most` bytes at most.

    Errors: FileFormatError, with `hint`, for one that is longer, and as `open_foreign`.
    """
    content = bytearray()
    with open_foreign(path, hint) as file:
        try:
            if os.fstat(file.fileno()).st_size > most:
                raise _too_large(path, most, hint)
            while piece := file.read(_PIECE):  # asked for all at once, Python sets it all aside
                content += piece
                if len(content) > most:
                    raise _too_large(path, most, hint)
        except OSError as error:
            raise _unreadable(path, error, hint) from error
    return bytes(content)


def _refuse_special(path: Path, mode: int, hint: str, is_stream: bool) -> None:
    is_pipe = stat.S_ISFIFO(mode) and (is_stream or _HANDED_OVER.fullmatch(str(path)))
    if stat.S_ISREG(mode) or is_pipe or (is_stream and stat.S_ISBLK(mode)):
        return
    if stat.S_ISFIFO(mode):
        hint = "to read what comes through a pipe, name /dev/stdin"
    kind = _KINDS.get(stat.S_IFMT(mode), "something else")
    raise FileFormatError(f"{path} is not a regular file but {kind}", hint)


def _wait_for_writer(path: Path, opened: int) -> None:
    if not select.select([opened], [], [], _PATIENCE)[0]:
        raise FileFormatError(
            f"nothing came through the pipe {path} for {_PATIENCE:.0f} seconds",
            "begin to write into it first",
        )


def _too_large(path: Path, most: int, hint: str) -> FileFormatError:
    return FileFormatError(f"{path} is too large: it has more than {most} bytes", hint)


def _unreadable(path: Path, error: Exception, hint: str) -> FileFormatError:
    reason = getattr(error, "strerror", None) or str(error)
    return FileFormatError(f"cannot read {path}: {reason}", hint)
