"""`qcompat source show`: what a source tree defines of a type, or of all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import UsageError


@click.command()
@click.argument("tree", type=click.Path(path_type=Path))
@click.option("--type", "type_", metavar="NAME", help="A device type, such as virtio-blk-pci.")
@click.option("--machine", metavar="NAME", help="A machine type, such as pc-q35-7.2.")
@shown_as("source show", verbose="Name all that could not be followed.")
def show(tree: Path, type_: str | None, machine: str | None, shown: Shown) -> None:
    """Show what TREE defines: properties, tables, state.

    Without --type and --machine: how much was read, and what could not be followed.
    """
    from qcompat.report.source.answers import SourceShow
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
    shown.show(SourceShow(found, type_, machine))


def _similar(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), 4)
    return f"is it one of {', '.join(close)}?" if close else ""
