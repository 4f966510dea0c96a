"""The monitor of a QEMU process: which of its sockets it is, and whether it is free.

Only what the process's own arguments call a monitor is connected to: another socket of QEMU's may
be the guest's console. Paths are the process's: below its root and its working directory.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from qcompat.errors import QcompatError, UnreachableError, UsageError
from qcompat.guest.option import parse_fields
from qcompat.guest.program import is_emulator
from qcompat.portrait.running.arguments import words_of
from qcompat.portrait.running.reach.running import Process
from qcompat.qemu.monitor import Monitor
from qcompat.qemu.qmp_socket import look_at, shown

_ON = ("on", "yes", "true", "y", "")


class Listening(msgspec.Struct, frozen=True):
    """A unix socket on which the arguments let QEMU listen for QMP, as they name it."""

    path: str
    is_abstract: bool = False


@contextlib.asynccontextmanager
async def look_at_process(
    process: Process, tried: frozenset[str] = frozenset(), *, stops: bool = False
) -> AsyncIterator[Monitor]:
    """The first monitor of the process that answers; `tried` and `stops` are as in `Monitor`.

    Raises UsageError where the process is no QEMU, UnreachableError where no monitor of it can be
    had.
    """
    words = qemu_words(process)
    reasons: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        for listening in monitors_in(words):
            path = _place(process.pid, listening)
            try:
                way = look_at(path, tried, stops=stops)
                monitor = await stack.enter_async_context(way)
            except QcompatError as error:
                reasons.append(error.message)
                continue
            if monitor.pid == process.pid:
                yield monitor
                return
            reasons.append(f"{shown(path)} belongs to another process ({monitor.pid})")
        raise _unreachable(process, words, reasons)


def qemu_words(process: Process) -> tuple[str, ...]:
    """The words of a QEMU process, program first. Raises UsageError."""
    words = words_of(process.pid)
    if not words:
        is_there = Path(f"/proc/{process.pid}").is_dir()
        raise UsageError(
            f"the arguments of process {process.pid} cannot be read"
            if is_there
            else f"there is no process {process.pid}",
            "QEMU's processes are listed by: pgrep -a qemu; those of others need root",
        )
    if not is_emulator(words[0]):
        raise UsageError(
            f"process {process.pid} is no QEMU: it is {words[0]}",
            "QEMU's processes are listed by: pgrep -a qemu",
        )
    return words


def monitors_in(words: Sequence[str]) -> tuple[Listening, ...]:
    """The unix sockets on which QMP is served, in the order of the words."""
    options = [(name.lstrip("-"), value) for name, value in pairwise(words) if name[:1] == "-"]
    sockets = {
        fields["id"]: fields
        for fields in _of(options, "chardev", "backend")
        if fields.get("backend") == "socket" and "id" in fields
    }
    found: list[Listening | None] = []
    for name, value in options:
        if name in ("qmp", "qmp-pretty"):
            found.append(_direct(value, sockets))
        elif name == "mon":
            fields = dict(parse_fields(value, "chardev"))
            if fields.get("mode") == "control":
                found.append(_listening(sockets.get(fields.get("chardev", ""), {})))
    return tuple(each for each in found if each)


def _of(options: Sequence[tuple[str, str]], name: str, implied: str) -> Iterator[dict[str, str]]:
    return (dict(parse_fields(value, implied)) for each, value in options if each == name)


def _direct(value: str, sockets: dict[str, dict[str, str]]) -> Listening | None:
    kind, _, rest = value.partition(":")
    if kind == "unix":
        return _listening(dict(parse_fields(rest, "path")))
    return _listening(sockets.get(rest, {})) if kind == "chardev" else None


def _listening(fields: dict[str, str]) -> Listening | None:
    """A socket with a path, on which QEMU listens (chardev/char-socket.c)."""
    is_server = fields.get("server", "off") in _ON
    if not is_server or not fields.get("path"):
        return None
    is_abstract = fields.get("abstract", "off") in _ON
    is_tight = fields.get("tight", "on") in _ON
    path = fields["path"]
    return Listening(path if is_tight or not is_abstract else path.ljust(107, "\0"), is_abstract)


def _place(pid: int, listening: Listening) -> Path:
    """Where the socket is seen from here: by the process's root or working directory."""
    if listening.is_abstract:
        return Path(f"\0{listening.path}")
    path = listening.path
    if not path.startswith("/"):
        return Path(f"/proc/{pid}/cwd/{path}")
    return Path(f"/proc/{pid}/root{path}") if _is_elsewhere(pid) else Path(path)


def _is_elsewhere(pid: int) -> bool:
    """Whether the process sees other files at the same paths; no where it cannot be known."""
    try:
        is_same_root = Path(f"/proc/{pid}/root").samefile("/")
        return not (is_same_root and Path(f"/proc/{pid}/ns/mnt").samefile("/proc/self/ns/mnt"))
    except OSError:
        return False


def _unreachable(
    process: Process, words: Sequence[str], reasons: Sequence[str]
) -> UnreachableError:
    why = "; ".join(reasons) or "its arguments name no QMP socket on which it listens"
    if name := libvirt_name(words):
        hint = f"libvirt runs it and holds its monitor: --domain {shlex.quote(name)}"
    elif reasons:
        hint = (
            "end the other client, or give QEMU a second monitor: -qmp unix:PATH,server=on,wait=off"
        )
    else:
        hint = "give its QMP socket by --qmp SOCKET, if it has one that its arguments do not name"
    return UnreachableError(f"the monitor of process {process.pid} cannot be had: {why}", hint)


def libvirt_name(words: Sequence[str]) -> str:
    """The name of the domain, where libvirt started the process; else empty.

    libvirt calls its own monitor `charmonitor` (qemu_command.c, qemuBuildMonitorCommandLine).
    """
    options = [(name.lstrip("-"), value) for name, value in pairwise(words)]
    is_libvirts = any(f.get("id") == "charmonitor" for f in _of(options, "chardev", "backend"))
    names = [fields.get("guest", "") for fields in _of(options, "name", "guest")]
    return names[-1] if is_libvirts and names else ""
