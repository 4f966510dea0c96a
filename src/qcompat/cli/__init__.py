"""The command line: one file a command, each of which parses, calls and renders.

Here is only the root of the commands and the one place where an error becomes an exit code.
A command's module is imported when it is called, so that a question about two stored
portraits does not pay for the machinery that runs QEMU.
"""

from __future__ import annotations

import contextlib
import os
import sys

import click

from qcompat import __version__
from qcompat.cli.lazy import LazyGroup
from qcompat.cli.process.failure import INTERRUPTED, PIPE_CLOSED, report_failure
from qcompat.cli.process.standard_streams import prepare_streams
from qcompat.cli.process.termination import TERMINATION, unwinding_when_terminated

COMMANDS = {
    "advisories": "qcompat.cli.advisories:advisories",
    "bisect": "qcompat.cli.bisect:bisect",
    "builds": "qcompat.cli.builds:builds",
    "carry": "qcompat.cli.carry:carry",
    "check": "qcompat.cli.check:check",
    "cpu": "qcompat.cli.cpu:cpu",
    "explain": "qcompat.cli.explain:explain",
    "guest": "qcompat.cli.guest:guest",
    "host": "qcompat.cli.host:host",
    "machine": "qcompat.cli.machine:machine",
    "matrix": "qcompat.cli.matrix:matrix",
    "portrait": "qcompat.cli.portrait:portrait",
    "prove": "qcompat.cli.prove:prove",
    "rehearse": "qcompat.cli.rehearse:rehearse",
    "repair": "qcompat.cli.repair:repair",
    "source": "qcompat.cli.source:source",
    "stream": "qcompat.cli.stream:stream",
}

LINES = {
    "advisories": "List the known breaks of QEMU's releases.",
    "bisect": "Find the first commit of TREE that changes the answer.",
    "builds": "Fetch, register and inspect builds of QEMU.",
    "carry": "Print the QEMU options that the target needs for a guest.",
    "check": "Predict whether a guest can migrate to another build, and back.",
    "cpu": "Find a guest CPU that several hosts can all run.",
    "explain": "Explain what a log of QEMU or its manager says, and what to do.",
    "guest": "Record where a guest has run, and find where it can go.",
    "host": "Record what a host gives its guests, and compare hosts.",
    "machine": "Inspect machine types, compat tables and device properties.",
    "matrix": "Migrate guests for real between all pairs of builds.",
    "portrait": "Save what a build makes of a guest, or show such a file.",
    "prove": "Migrate a guest for real, and compare with the prediction.",
    "rehearse": "Try the migration of a running guest without moving it.",
    "repair": "Find the QEMU properties that let the target accept a guest.",
    "source": "Read and lint QEMU's source code.",
    "stream": "Inspect, verify and compare migration streams.",
}
"""The first line of each command's help, so that `qcompat --help` need not import them all."""


@click.group(
    cls=LazyGroup,
    commands_at=COMMANDS,
    lines=LINES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="qcompat", message="%(prog)s %(version)s")
def root() -> None:
    """Predict whether a QEMU virtual machine can live-migrate between two QEMU builds.

    \b
    Exit codes: 0 the promise is kept, 1 it is broken, 2 wrong usage,
    3 unknown, 4 the environment failed.
    """


_COMPLETE = "_QCOMPAT_COMPLETE"
"""With this variable a shell asks what completes a word (click's shell_completion)."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code (the console script)."""
    prepare_streams()
    code = INTERRUPTED
    with contextlib.suppress(KeyboardInterrupt), unwinding_when_terminated():
        code = run(sys.argv[1:] if arguments is None else arguments)
    sys.exit(TERMINATION.exit_code(code))


def run(arguments: list[str]) -> int:
    """Run one command; whatever it raises becomes a message and an exit code here."""
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
        return code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return PIPE_CLOSED
    except Exception as failure:  # the boundary: nothing below may show a traceback
        if TERMINATION.has_come:  # whatever the interrupt became on its way
            _drop_unwritten()
            return INTERRUPTED
        code = report_failure(failure, arguments)
        _drop_unwritten()
        return code


def _invoke(arguments: list[str]) -> int:
    """Unlike `root.main`, which would answer a closed pipe with 1, our word for broken."""
    if asked := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(root, {}, "qcompat", _COMPLETE, asked)
    try:
        with root.make_context("qcompat", arguments) as context:
            root.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return 0


def _drop_unwritten() -> None:
    """What a full disk did not take would fail once more when the interpreter ends."""
    try:
        sys.stdout.flush()
    except OSError:
        _silence_stdout()


def _silence_stdout() -> None:
    """Let the interpreter's own flush at exit find somewhere to write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
