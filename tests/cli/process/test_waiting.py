"""A user who waits at a terminal sees what is going on; logs and programs do not."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

PROGRAM = """
import time
from qcompat.cli.process.say import note
from qcompat.cli.process.waiting import shown_while_waiting
from qcompat.local.doing import doing
with shown_while_waiting(), doing("asking \x1b[31mbuild"), doing("another"):
    time.sleep({seconds})
    note("said")
"""


def at_terminal(seconds: float) -> str:
    """What is written to a terminal."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", PROGRAM.format(seconds=seconds)]
    with subprocess.Popen(words, stderr=theirs, stdout=theirs) as process:
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 4096):
                seen += piece
        except OSError:
            pass  # the other end is closed
        os.close(ours)
    assert process.returncode == 0
    return seen.decode()


def test_line_says_what_is_going_on_and_goes_when_something_is_said() -> None:
    seen = at_terminal(3.5)
    assert "asking \\x1b[31mbuild, another … " in seen
    assert " s" in seen
    assert seen.endswith("\r\x1b[Ksaid\r\n")


def test_short_work_and_pipes_show_nothing() -> None:
    assert at_terminal(0.1) == "said\r\n"
    words = [sys.executable, "-c", PROGRAM.format(seconds=2.5)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "said\n")
