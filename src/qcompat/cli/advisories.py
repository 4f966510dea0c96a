"""`qcompat advisories`: the known breaks of releases, and which of them concern me."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.app.advisories import list_advisories
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.guest import guest_in_file, guest_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run
from qcompat.errors import UsageError
from qcompat.portrait.portraits import Portraits


@click.command()
@click.option(
    "--build",
    default="",
    metavar="BUILD",
    shell_complete=complete_build,
    help="Only those that may concern this build.",
)
@guest_option
@shown_as("advisories", verbose="Show causes, rules and references.")
def advisories(build: str, guest: Path | None, shown: Shown) -> None:
    """List the known breaks of QEMU's releases.

    Each names the builds between which it happens, what is seen of it and what to do. With --build
    those are listed in whose range the build is; with --guest as well, those that are about one of
    the guest's devices and its machine type, as the build makes them.

    `qcompat explain NAME` prints one. Findings of `check` name the advisories that they are.
    """
    if guest and not build:
        raise UsageError(
            "a guest is given without a build, and what it has depends on that",
            "add --build BUILD (see `qcompat builds list`)",
        )
    asked = guest_in_file(guest, (), base_type=False)
    portraits = Portraits.here()
    shown.show(run(lambda: list_advisories(build, asked, portraits)))
