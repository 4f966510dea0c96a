"""`qcompat portrait`: portraits as files, to be carried to another host and compared there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from qcompat.cli.guest_options import AskedGuest, guest_options
from qcompat.cli.refused import refuse_impossible_guest
from qcompat.errors import UsageError
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.obtain import is_file, obtain


@click.group()
def portrait() -> None:
    """Take a portrait of a guest on a build into a file, or look into one."""


@portrait.command()
@click.argument("build")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The .qcp file to write."
)
@guest_options
def take(build: str, output: Path, asked: AskedGuest) -> None:
    """Write the portrait of a guest on BUILD into a file.

    Give --machine and --device for a small guest around one device, or a whole guest as
    QEMU ARGUMENTS after `--`. The file holds what the build made of the guest, and the
    guest's arguments without its backends.
    """
    if is_file(build):
        raise UsageError(f"{build} is a file", "name a build: `qcompat builds list`")
    if asked.guest is None:
        raise UsageError("no guest was given", "QEMU's arguments come after `--`")
    output = _writable(output)
    taken = obtain(build, asked.guest, moment=asked.moment or "reset", accel=asked.accel or "auto")
    refuse_impossible_guest(taken)
    write_portrait(taken, output)
    click.echo(f"{output}: {taken.machine} on {taken.build}", err=True)


def _writable(output: Path) -> Path:
    """Where the file goes, links followed: it is put in place by a rename, so a device, a pipe
    or a directory of that name would be replaced by it. Asked before QEMU is run.
    """
    place = output.resolve()
    if not place.parent.is_dir():
        raise UsageError(f"cannot write {output}: there is no directory {place.parent}")
    if place.exists() and not place.is_file():
        raise UsageError(
            f"cannot write {output}: it exists and is not a regular file", "name a file, x.qcp"
        )
    if not os.access(place.parent, os.W_OK):
        raise UsageError(
            f"cannot write {output}: the directory {place.parent} cannot be written to",
            "give -o a place that you may write to",
        )
    return place


@portrait.command()
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path) -> None:
    """Say what a portrait file holds."""
    from rich.console import Console

    from qcompat.report.summary import write

    write(read_portrait(file), Console(highlight=False))
    sys.stdout.flush()
