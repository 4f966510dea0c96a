"""`qcompat machine show`: the compat table of a machine type."""

from __future__ import annotations

import sys

import click

from qcompat.cli.json_option import json_option
from qcompat.cli.machine.given import machine_on


@click.command()
@click.argument("build")
@click.argument("machine")
@click.option("-v", "--verbose", is_flag=True, help="Name all types that an entry reaches.")
@json_option
def show(build: str, machine: str, verbose: bool, as_json: bool) -> None:
    """Show the compat table of a machine type.

    The entries are in the order in which QEMU applies them: of two for one property the later
    wins, which is the oldest release's. Each is shown with the types that it reaches. An entry
    that reaches none is dead; one that names a property that such a type lacks makes QEMU abort
    when that device is created.
    """
    from qcompat.report.machine.text.table import write_json, write_table

    facts, name = machine_on(build, machine)
    if as_json:
        write_json(facts, name, sys.stdout)
    else:
        write_table(facts, name, sys.stdout, verbose=verbose)
