"""`qcompat cpu lines`: for each host the `-cpu host,…` that makes all guests' CPUs the same."""

from __future__ import annotations

import sys
from shlex import quote
from typing import Literal

import click

from qcompat.cli.cpu.given import pool_of, pool_options
from qcompat.hosts.features.universe import Universe
from qcompat.report.terminal.plain import printable

Form = Literal["text", "args", "json"]


@click.command()
@click.argument("hosts", nargs=-1, required=True, metavar="HOST…")
@pool_options
@click.option(
    "--form",
    type=click.Choice(["text", "args", "json"]),
    default="text",
    help="Text with reasons (usual), one line a host, or JSON.",
)
@click.option("--json", "form", flag_value="json", help="The same as --form json.")
@click.option("-v", "--verbose", is_flag=True, help="Leave nothing out of the text.")
def lines(
    hosts: tuple[str, ...], accel: str | None, build: str | None, form: Form, verbose: bool
) -> None:
    """Print a `-cpu host,…` for each host that makes guest CPUs equal.

    For guests that must run with `-cpu host`. A named model (`qcompat cpu baseline`) is safer:
    it does not change with the next kernel, microcode or QEMU.
    """
    from qcompat.hosts.lines import lines as find

    universe = Universe()
    found = find(universe, pool_of(hosts, universe, accel, build))
    match form:
        case "args":
            for line in found.lines:
                click.echo(f"{printable(line.offer)}\t-cpu {printable(quote(line.cpu))}")
        case "json":
            from qcompat.report.cpu.document import write_lines

            write_lines(found, sys.stdout)
        case "text":
            from rich.console import Console

            from qcompat.report.cpu.text.lines import write

            write(found, Console(highlight=False), verbose=verbose)
