"""What else a command that looks at a running guest asks for, and how it gets the guest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.running import warn
from qcompat.cli.process.event_loop import run_waiting
from qcompat.cli.process.say import note
from qcompat.portrait.portraits import Portraits

if TYPE_CHECKING:
    from qcompat.app.rehearse.guest_now import GuestNow
    from qcompat.portrait.running.reach.running import Running

BEFORE = "stopping the guest for a millisecond or two, to take its device state"

argv_option = click.option(
    "--argv",
    type=click.Path(path_type=Path),
    help="File with a running or saved guest's arguments, where they cannot be seen: a copy of "
    "/proc/PID/cmdline.",
)
from_option = click.option(
    "--from",
    "build",
    default="",
    metavar="BUILD",
    shell_complete=complete_build,
    help="Build that runs the running guest, or saved the saved one.",
)


def guest_now(portraits: Portraits, running: Running, build: str, argv: Path | None) -> GuestNow:
    """The guest of now; says beforehand that it is stopped, and afterwards for how long."""
    from qcompat.app.running.portrait_now import RunningQuestion, take_portrait_now
    from qcompat.report.rehearse.text import pause_text

    question = RunningQuestion(running, build, announced(running, argv))
    now = run_waiting(take_portrait_now(question, portraits))
    note(pause_text(now))
    return now


def announced(running: Running, argv: Path | None) -> tuple[str, ...]:
    """Say what will happen to the guest; returns the words that the file `argv` has for it."""
    from qcompat.guest.given.recognise import read_guest

    words = read_guest(argv).words if argv else ()
    warn(running)
    note(BEFORE)
    return words
