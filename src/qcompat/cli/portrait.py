"""`qcompat portrait`: portraits as files, to be carried to another host and compared there."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.portrait import PortraitQuestion, take_portrait
from qcompat.cli.options.guest import guest_options
from qcompat.cli.options.shared import writable_file
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run
from qcompat.cli.process.say import note
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.portraits import Portraits


@click.group()
def portrait() -> None:
    """Save what a build makes of a guest, or show such a file."""


@portrait.command()
@click.argument("build")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The .qcp file to write."
)
@guest_options
def take(build: str, output: Path, asked: AskedGuest) -> None:
    """Write the portrait of a guest on a build to a file.

    Describe the guest: --machine and --device for a small guest with one device, or a whole
    guest as QEMU ARGUMENTS after `--`. The file holds what the build made of the guest, and the
    guest's arguments without its backends.
    """
    output = writable_file(output)
    question = PortraitQuestion(build, asked)
    taken = run(lambda: take_portrait(question, Portraits.here()))
    write_portrait(taken, output)
    note(f"{output}: {taken.machine} on {taken.build}")


@portrait.command()
@click.argument("file", type=click.Path(path_type=Path))
@shown_as("portrait show")
def show(file: Path, shown: Shown) -> None:
    """Show what a portrait file holds."""
    shown.show(read_portrait(file))
