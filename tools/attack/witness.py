"""What a run left behind, as the kernel and the files tell it.

This process adopts whatever those below it leave (PR_SET_CHILD_SUBREAPER, prctl(2)): nothing that
a command starts gets out of sight, whatever session, group or name it has.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from tools.attack.room import Room

SECONDS_TO_GO = 5.0
"""What a command started may end that much later than the command."""
_SUBREAPER = 36  # linux/prctl.h
_LARGEST = 1 << 30
_HEAD, _DIGEST = 42, slice(10, 42)  # docs/reference/portrait-file.md


def adopt() -> None:
    """From now on orphans below this process become its children."""
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def below(pid: int) -> list[int]:
    """All living processes below one."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for child in _children(waiting.pop()):
            waiting.append(child)
            found.append(child)
    return [each for each in found if _state(each) not in ("", "Z")]


def left_processes(besides: str = "") -> list[str]:
    """The command lines of what is still there when its time is over; it is ended here.

    What has `besides` in its command line is ours.
    """

    def there() -> list[int]:
        found = below(os.getpid())
        return [pid for pid in found if not besides or besides not in _command_line(pid)]

    deadline = time.monotonic() + SECONDS_TO_GO
    while (left := there()) and time.monotonic() < deadline:
        time.sleep(0.02)
    told = [_command_line(pid)[:200] for pid in left]
    if left:
        end_all()
    return told


def end_all() -> None:
    """End every process below this one."""
    while left := below(os.getpid()):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _reap()
    _reap()


def memory_of(pid: int) -> int:
    """The most bytes that one process had so far; what it started is not counted."""
    with contextlib.suppress(OSError):
        told = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
        return int(told[1]) << 10 if told else 0
    return 0


def mounts(room: Room) -> list[str]:
    """The places in a room where something is mounted, as this process sees them."""
    rows = Path("/proc/self/mountinfo").read_text().splitlines()
    return [row.split()[4] for row in rows if str(room.place) in row]


def left_files(room: Room) -> list[str]:
    """Temporary files, drafts and sockets that stayed."""
    drafts = (path for place in (room.home, room.cache) for path in place.rglob(".*.new*"))
    halves = (path for place in (room.home, room.cache) for path in place.rglob(".draft-*"))
    found = [*room.temporary.rglob("*"), *drafts, *halves]
    names = [str(path.relative_to(room.place)) for path in found]
    listening = Path("/proc/net/unix").read_text(errors="replace").splitlines()
    return names + [f"socket {line}" for line in listening if str(room.place) in line]


def damaged_files(room: Room) -> list[str]:
    """Files of the registry, cache and store that cannot be read whole any more."""
    return [
        f"{path.relative_to(room.place)}: {problem}"
        for place in (room.home, room.cache)
        for path in place.rglob("*")
        if path.is_file() and not path.name.startswith(".") and (problem := _problem(path))
    ]


def _problem(path: Path) -> str:
    check = _CHECKS.get(path.suffix)
    try:
        return check(path) if check else ""
    except Exception as error:  # whatever it is, the file cannot be read
        return f"{type(error).__name__}: {error}"


def _is_json(path: Path) -> str:
    json.loads(path.read_bytes())
    return ""


def _is_whole_frame(path: Path) -> str:
    zstandard.decompress(path.read_bytes(), max_output_size=_LARGEST)
    return ""


def _is_sealed(path: Path) -> str:
    content = path.read_bytes()
    is_whole = hashlib.sha256(content[_HEAD:]).digest() == content[_DIGEST]
    return "" if is_whole else "its digest is wrong"


def _is_sound(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        (told,) = database.execute("pragma integrity_check").fetchone()
    return "" if told == "ok" else str(told)


_CHECKS: dict[str, Callable[[Path], str]] = {
    ".json": _is_json,
    ".zst": _is_whole_frame,
    ".qcp": _is_sealed,
    ".db": _is_sound,
}


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("[0-9]*/children"):
        with contextlib.suppress(OSError):
            yield from map(int, task.read_text().split())


def _state(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def _command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    return str(pid)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
