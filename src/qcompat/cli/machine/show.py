"""`qcompat machine show`: the compat table of a machine type."""

from __future__ import annotations

import click

from qcompat.cli.machine.given import accel_option, machine_on
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.portrait.accel_choice import AccelChoice


@click.command()
@click.argument("build", shell_complete=complete_build)
@click.argument("machine")
@accel_option
@shown_as("machine show", verbose="Name all types that an entry reaches.")
def show(build: str, machine: str, accel: AccelChoice, shown: Shown) -> None:
    """Show the compat table of a machine type.

    The entries are in the order in which QEMU applies them: of two for one property the later
    wins, which is the oldest release's. Each is shown with the types that it reaches. An entry
    that reaches none is dead; one that names a property that such a type lacks makes QEMU abort
    when that device is created.
    """
    from qcompat.report.machine.answers import CompatTable

    shown.show(CompatTable(*machine_on(build, machine, accel)))
