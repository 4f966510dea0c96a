"""One command, started in one of several ways and ended at one moment; what came of it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import signal
import subprocess
import termios
import time
from collections.abc import Callable

import msgspec

from tools.attack import witness
from tools.attack.room import Room

SECONDS_TO_END = 15.0
"""A signalled command ends within that time, also on a busy machine."""
UNDISTURBED = 120.0
"""One that was not hit itself goes on to its own end."""
_BUG = ("has a bug", "Traceback", "Exception ignored", "Event loop is closed", "never retrieved")


class Strike(msgspec.Struct, frozen=True):
    """How a command is ended: which signals, whom they hit, and when, in seconds from its start.

    `victim` is one of `VICTIMS`; all but the last two hit the command itself.
    """

    signals: tuple[str, ...]
    victim: str
    moment: float


VICTIMS = ("command", "group", "background", "terminal", "one below", "parent")
_QUIET = ("INT", "TERM", "HUP")


def drawn(chance: random.Random, seconds: float, *, is_long: bool) -> Strike:
    """A strike somewhere in the time that the command takes, and a little after it.

    One that is long is always hit itself: it would go on to its end.
    """
    count = 4 if is_long else len(VICTIMS)
    victim = chance.choices(VICTIMS[:count], (6, 2, 1, 1, 2, 1)[:count])[0]
    signals = [chance.choice(("KILL", *_QUIET))]
    if victim == "background":  # a shell has such a command ignore INT
        signals = [chance.choice(("TERM", "HUP"))]
    elif victim == "terminal":
        signals = ["HUP"]
    elif victim in ("one below", "parent"):
        signals = ["KILL"]
    elif chance.random() < 0.15:
        signals *= 2  # by someone who is impatient
    early = chance.random() < 0.15
    return Strike(tuple(signals), victim, chance.uniform(0, 0.4 if early else seconds * 1.05))


class Outcome(msgspec.Struct, frozen=True):
    """How the command ended: exit code, -N for signal N; what it said; what was wrong with it."""

    code: int
    said: str
    seconds: float
    wrong: tuple[str, ...]


def strike(words: list[str], room: Room, how: Strike, usual: int) -> Outcome:
    """Start the command, end it, and look at what it left. `usual` is its own exit code."""
    process, close = _start(words, room, how.victim)
    time.sleep(how.moment)
    begun = time.monotonic()
    is_hit = _hit(process, how, close)
    bound = SECONDS_TO_END if is_hit else UNDISTURBED
    try:
        code = _end(process, how, bound)
    except subprocess.TimeoutExpired:
        process.kill()
        code = 999
    seconds = time.monotonic() - begun
    close()
    said = (room.output / "stderr").read_text(errors="replace")
    wrong = [*_wrong_end(how, code, usual, said, is_hit), *_left(room)]
    return Outcome(code, said[-600:], seconds, tuple(wrong))


def _start(
    words: list[str], room: Room, victim: str
) -> tuple[subprocess.Popen[bytes], Callable[[], None]]:
    """The process that qcompat is, or for a victim `parent` the shell above it."""
    streams = room.output / "stdout", room.output / "stderr"
    with streams[0].open("wb") as out, streams[1].open("wb") as error:
        if victim == "terminal":
            return _on_a_terminal(words, room, error.fileno())
        if victim == "parent":
            words = ["/bin/sh", "-c", '"$@" & wait', "sh", *words]
        elif victim == "background":
            words = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *words]
        process = subprocess.Popen(
            words, env=room.environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=error,
            start_new_session=True, cwd=room.place,
        )  # fmt: skip
    return process, lambda: None


def _on_a_terminal(
    words: list[str], room: Room, error: int
) -> tuple[subprocess.Popen[bytes], Callable[[], None]]:
    """Its standard input and output are a terminal of its own, which goes away when closed."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        words, env=room.environment(), stdin=theirs, stdout=theirs, stderr=error,
        start_new_session=True, cwd=room.place,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)

    def close() -> None:
        with contextlib.suppress(OSError):
            os.close(ours)

    return process, close


def _hit(process: subprocess.Popen[bytes], how: Strike, close: Callable[[], None]) -> bool:
    """Whether the command itself was hit, and was still there."""
    if how.victim == "terminal":
        was_there = process.poll() is None
        close()
        return was_there
    target = process.pid
    if how.victim == "one below":
        found = witness.below(process.pid)
        if not found:
            return False
        target = random.choice(found)  # noqa: S311 - any of them
    is_there = process.poll() is None
    for number in (signal.Signals[f"SIG{name}"] for name in how.signals):
        with contextlib.suppress(ProcessLookupError):
            send = os.killpg if how.victim == "group" else os.kill
            send(target, number)
        time.sleep(0.1 if len(how.signals) > 1 else 0)
    return is_there and how.victim not in ("one below", "parent")


def _end(process: subprocess.Popen[bytes], how: Strike, bound: float) -> int:
    code = process.wait(bound)
    if how.victim == "parent":  # the command has this process as its parent now, and goes on
        deadline = time.monotonic() + bound
        while witness.below(os.getpid()):
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(process.args, bound)
            time.sleep(0.05)
    return code


def _wrong_end(how: Strike, code: int, usual: int, said: str, is_hit: bool) -> list[str]:
    wrong = [f"said {sign!r}" for sign in _BUG if sign in said]
    if code == 999:
        wrong.append("did not end")
    elif is_hit:
        numbers = {signal.Signals[f"SIG{name}"] for name in how.signals}
        right = {usual, *(-number for number in numbers), *(128 + n for n in numbers)}
        if code not in right:
            wrong.append(f"ended with {code}")
        if "KILL" not in how.signals and code not in (usual, 0) and len(said.splitlines()) > 1:
            wrong.append("said more than a line")
    elif how.victim == "one below" and code not in (0, 1, 2, 3, 4):
        wrong.append(f"ended with {code}")
    return wrong


def _left(room: Room) -> list[str]:
    """What stayed. A command's own result may be there if it got that far."""
    wrong = [f"left a process: {line}" for line in witness.left_processes()]
    wrong += [f"left a mount: {place}" for place in witness.mounts(room)]
    results = {"tmp/p.qcp", "tmp/host.json"}
    wrong += [f"left {name}" for name in witness.left_files(room) if name not in results]
    return wrong + [f"damaged {name}" for name in witness.damaged_files(room)]
