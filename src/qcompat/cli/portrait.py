"""`qcompat portrait`: portraits as files, to be carried to another host and compared there."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.portrait import PortraitQuestion, take_portrait
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.guest import guest_options
from qcompat.cli.options.running import running_options
from qcompat.cli.options.running_question import argv_option, guest_now
from qcompat.cli.options.shared import writable_file
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run
from qcompat.cli.process.say import note
from qcompat.errors import UsageError
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.running.reach.running import Running


@click.group()
def portrait() -> None:
    """Save what a build makes of a guest, or show such a file."""


@portrait.command()
@click.argument("build", required=False, shell_complete=complete_build)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The .qcp file to write."
)
@guest_options
@running_options
@argv_option
def take(
    build: str | None,
    output: Path,
    asked: AskedGuest,
    running: Running | None,
    argv: Path | None,
) -> None:
    """Write the portrait of a guest on a build to a file.

    Describe the guest: --machine and --device for a small guest with one device, or a whole
    guest as QEMU ARGUMENTS after `--`. The file holds what the build made of the guest, and the
    guest's arguments without its backends.

    A running guest (--qmp, --pid or --domain) is taken as it is now, with the state of its
    devices, for which it is stopped for a millisecond or two; its memory is not read. BUILD is
    then the one that runs it, where that is not told.
    """
    output = writable_file(output)
    taken = _running(running, build, asked, argv) if running else _twin(build, asked)
    write_portrait(taken, output)
    note(f"{output}: {taken.machine} on {taken.build}")


def _twin(build: str | None, asked: AskedGuest) -> Portrait:
    if build is None:
        raise UsageError(
            "BUILD is needed",
            "name a build (qcompat builds list), or a running guest: --qmp SOCKET",
        )
    question = PortraitQuestion(build, asked)
    return run(lambda: take_portrait(question, Portraits.here()))


def _running(running: Running, build: str | None, asked: AskedGuest, argv: Path | None) -> Portrait:
    if not asked.says_nothing:
        raise UsageError(
            "the guest is given twice: it runs, and is described", "leave out the description"
        )
    return guest_now(Portraits.here(), running, build or "", argv).portrait


@portrait.command()
@click.argument("file", type=click.Path(path_type=Path))
@shown_as("portrait show")
def show(file: Path, shown: Shown) -> None:
    """Show what a portrait file holds."""
    shown.show(read_portrait(file))
