from __future__ import annotations

import subprocess
import sys
import time

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
