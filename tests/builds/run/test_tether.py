from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qcompat.builds.run import sandbox
from qcompat.builds.run.tether import kill, tethered


def test_output_input_and_exit_code_pass() -> None:
    words = tethered(["/bin/sh", "-c", "cat; echo err >&2; exit 7"])
    done = subprocess.run(
        words, input=b"in", capture_output=True, check=False, start_new_session=True
    )
    assert (done.stdout, done.stderr, done.returncode) == (b"in", b"err\n", 7)


def test_words_are_of_no_use_to_another_process_or_without_a_session() -> None:
    words = tethered(["/bin/true"])
    code = f"import subprocess; print(subprocess.run({words!r}, start_new_session=True).returncode)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "125\n"
    assert subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode == 125


def test_killing_takes_what_was_started_along() -> None:
    words = tethered(["/bin/sh", "-c", "sleep 600 & echo up; wait"])
    with subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        started = time.monotonic()
        kill(process)
        assert process.stdout.read() == b""  # the last of them has closed it
    assert time.monotonic() - started < 5
    kill(process)  # one that has ended is left in peace


def test_whichever_process_of_a_start_is_killed_none_of_the_others_stays() -> None:
    if lacking := sandbox.why_not():
        pytest.skip(lacking)
    words = [*sandbox.BASE, *sandbox.SYSTEM, *sandbox.PRIVATE, "--", "/bin/sleep", "600"]
    chance = random.Random(1)  # noqa: S311 - reproducible on purpose
    for _ in range(60):
        with subprocess.Popen(
            tethered(words), start_new_session=True, stdin=subprocess.DEVNULL
        ) as process:
            time.sleep(chance.random() * chance.choice((0.01, 0.04, 0.12)))
            with contextlib.suppress(ProcessLookupError):
                victim = chance.choice(_in_group(process.pid))
                os.kill(victim, chance.choice((signal.SIGKILL, signal.SIGTERM)))
                _wait_for_end(process.pid)
            kill(process)


def _wait_for_end(group: int) -> None:
    """A victim that takes no SIGTERM may go on, with all above it: then nothing was killed."""
    for _ in range(500):
        left = _in_group(group)
        if not left or group in left:
            return
        time.sleep(0.02)
    raise AssertionError(f"{left} outlived the process that started them")


def _in_group(group: int) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, number, *_ = place.read_text().rpartition(")")[2].split()[0:3]
            if int(number) == group and state != "Z":
                found.append(int(place.parent.name))
    return found
