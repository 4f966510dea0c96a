"""`qcompat machine list`: the machine types of a build and what each adds."""

from __future__ import annotations

import click

from qcompat.cli.machine.given import accel_option, facts_of
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.portrait.accel_choice import AccelChoice


@click.command("list")
@click.argument("build", shell_complete=complete_build)
@click.option("--family", metavar="NAME", help="Only machine types of this family, such as pc-q35.")
@accel_option
@shown_as("machine list", verbose="Name the entries that each adds.")
def list_machines(build: str, family: str | None, accel: AccelChoice, shown: Shown) -> None:
    """List the machine types of a build and the entries each adds."""
    from qcompat.report.machine.answers import MachineList

    shown.show(MachineList(facts_of(build, accel, observed=False), family))
