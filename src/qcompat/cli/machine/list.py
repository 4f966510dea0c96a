"""`qcompat machine list`: the machine types of a build and what each adds."""

from __future__ import annotations

import sys

import click

from qcompat.cli.json_option import json_option
from qcompat.cli.machine.given import facts_of


@click.command("list")
@click.argument("build")
@click.option("--family", metavar="NAME", help="Only machine types of this family, as pc-q35.")
@click.option("-v", "--verbose", is_flag=True, help="Name the entries that each adds.")
@json_option
def list_machines(build: str, family: str | None, verbose: bool, as_json: bool) -> None:
    """List the machine types of a build and the entries each adds."""
    from qcompat.report.machine.text.list import write_json, write_list

    facts = facts_of(build, observed=False)
    if as_json:
        write_json(facts, family, sys.stdout)
    else:
        write_list(facts, family, sys.stdout, verbose=verbose)
