"""The arguments of a running QEMU's process, from the kernel or from a file that holds them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePath

from qcompat.errors import UsageError
from qcompat.portrait.portrait import Gap

_MOST_BYTES = 4 * 1024 * 1024
_PROGRAM = re.compile(r"(.*[-_.])?(qemu|kvm|qemu-kvm|qemu-system-\w+)([-_.].*)?")


def arguments_of(pid: int | None, uuid: str = "") -> tuple[tuple[str, ...], Gap | None]:
    """The words of that process, program first; or why there are none.

    Where the process is no QEMU (libvirt makes the socket and hands it over), the one QEMU of
    this machine that was given `uuid` is taken.
    """
    words = _of_process(Path(f"/proc/{pid}")) if pid is not None else ()
    if _is_qemu(words):
        return words, None
    found = list(_with_uuid(uuid)) if uuid else []
    if len(found) == 1:
        return found[0], None
    if pid is None:
        return (), Gap("arguments", "the process behind the socket is not to be seen from here")
    said = f"which is {words[0]}" if words else "which cannot be read"
    return (), Gap("arguments", f"the socket was made by process {pid}, {said}")


def _of_process(place: Path) -> tuple[str, ...]:
    """Its words; none where it has ended, or is not ours to look at."""
    try:
        with (place / "cmdline").open("rb") as file:
            return _words(file.read(_MOST_BYTES))
    except OSError:
        return ()


def _is_qemu(words: tuple[str, ...]) -> bool:
    return bool(words) and bool(_PROGRAM.fullmatch(PurePath(words[0]).name))


def _with_uuid(uuid: str) -> Iterator[tuple[str, ...]]:
    for place in Path("/proc").glob("[0-9]*"):
        words = _of_process(place)
        if _is_qemu(words) and ("-uuid", uuid.lower()) in pairwise(map(str.lower, words)):
            yield words


def read_arguments(path: Path) -> tuple[str, ...]:
    """A file in the form of /proc/PID/cmdline (words end in zeros), or a line as typed.

    Errors: UsageError.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", _HINT) from error
    if len(content) > _MOST_BYTES:
        raise UsageError(f"{path} is too long to be a command line", _HINT)
    words = _words(content) if b"\0" in content else _typed(content, path)
    if not words:
        raise UsageError(f"{path} is empty", _HINT)
    return words


_HINT = "give a copy of /proc/PID/cmdline, or a text file with the command line"


def _words(content: bytes) -> tuple[str, ...]:
    text = content.decode(errors="surrogateescape")
    return tuple(text.removesuffix("\0").split("\0")) if text else ()


def _typed(content: bytes, path: Path) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(content.decode().replace("\\\n", " "), comments=True))
    except ValueError as error:  # what is no UTF-8 is a ValueError too
        raise UsageError(f"{path} is not a command line: {error}", _HINT) from error
