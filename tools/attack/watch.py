"""One run of qcompat, watched from outside: exit code, time, memory, words, what it left."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tools.attack import witness
from tools.attack.room import Room

BYTES = 600 << 20
"""No command has more memory, whatever it reads."""
QCOMPAT = str(Path(sys.executable).with_name("qcompat"))
_BUG = ("has a bug", "Traceback", "Exception ignored", "never retrieved", "never awaited")
_CONTROL = frozenset(range(32)) - {9, 10} | {127} | set(range(128, 160))
_PERIOD = 0.05


class Outcome(msgspec.Struct, frozen=True):
    """Exit code, seconds, bytes of memory of the command itself, and what was wrong."""

    code: int
    seconds: float
    memory: int
    said: str
    wrong: tuple[str, ...]


def watched(words: Sequence[str], room: Room, seconds: float, *, ours: str = "") -> Outcome:
    """Run qcompat with `words`, for so many seconds at most.

    What runs with `ours` in its command line was not started by it.
    """
    streams = room.output / "stdout", room.output / "stderr"
    begun, memory = time.monotonic(), 0
    with streams[0].open("wb") as out, streams[1].open("wb") as error:
        process = subprocess.Popen(
            [QCOMPAT, *words], env=room.environment(), cwd=room.place,
            stdin=subprocess.DEVNULL, stdout=out, stderr=error, start_new_session=True,
        )  # fmt: skip
        while process.poll() is None and time.monotonic() - begun < seconds:
            memory = max(memory, witness.memory_of(process.pid))
            time.sleep(_PERIOD)
    took, wrong = time.monotonic() - begun, []
    if process.poll() is None:
        wrong.append("hangs")
        process.kill()
    code = process.wait()
    said = b"".join(path.read_bytes()[: 1 << 20] for path in streams)
    wrong += [*_wrong(code, memory, said), *_left(room, ours)]
    return Outcome(code, took, memory, said[-500:].decode(errors="replace"), tuple(wrong))


def _left(room: Room, ours: str) -> Iterator[str]:
    for told in witness.left_processes(besides=ours):
        yield f"left a process: {told}"
    for name in witness.left_files(room):
        if not ours or not name.startswith("socket"):
            yield f"left {name}"
    for name in witness.damaged_files(room):
        yield f"damaged {name}"


def _wrong(code: int, memory: int, said: bytes) -> Iterator[str]:
    text = said.decode(errors="replace")
    yield from (f"said: {sign}" for sign in _BUG if sign in text)
    if any(ord(character) in _CONTROL for character in text):
        yield "printed control characters"
    if code not in range(5) and code != -9:
        yield f"ended with {code}"
    if memory > BYTES:
        yield f"took {memory >> 20} MB"
