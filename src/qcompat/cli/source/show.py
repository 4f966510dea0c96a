"""`qcompat source show`: what a source tree says of a type, or of all."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from qcompat.cli.json_option import json_option
from qcompat.errors import UsageError


@click.command()
@click.argument("tree", type=click.Path(path_type=Path))
@click.option("--type", "type_", metavar="NAME", help="A device type, such as virtio-blk-pci.")
@click.option("--machine", metavar="NAME", help="A machine type, such as pc-q35-7.2.")
@click.option("-v", "--verbose", is_flag=True, help="Name all that could not be followed.")
@json_option
def show(tree: Path, type_: str | None, machine: str | None, verbose: bool, as_json: bool) -> None:
    """Show what TREE defines: properties, tables, state.

    Without --type and --machine: how much was read, and what could not be followed.
    """
    from qcompat.report.source.shown import write_json, write_machine, write_summary, write_type
    from qcompat.source.obtain.directory import read_directory
    from qcompat.source.tree.tree import Tree

    found = Tree(read_directory(tree))
    if type_ and type_ not in found.types.all:
        raise UsageError(f"{tree} defines no type {type_!r}", _similar(type_, found.types.all))
    if machine and machine not in found.machines.all:
        raise UsageError(
            f"{tree} defines no versioned machine type {machine!r}",
            _similar(machine, found.machines.all),
        )
    if as_json:
        write_json(found, type_, machine, sys.stdout)
    elif machine:
        write_machine(found, machine, sys.stdout)
    elif type_:
        write_type(found, type_, sys.stdout)
    else:
        write_summary(found, sys.stdout, verbose=verbose)


def _similar(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), 4)
    return f"is it one of {', '.join(close)}?" if close else ""
