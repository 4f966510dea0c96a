"""`qcompat guest list`: all guests that were ever recorded, and where they are."""

from __future__ import annotations

import click

from qcompat.cli.options.shared import opened, store_option
from qcompat.cli.options.shown import Shown, shown_as


@click.command("list")
@store_option
@shown_as("guest list")
def list_(store: str, shown: Shown) -> None:
    """List the recorded guests, where they run and since when."""
    from qcompat.store.lineages import lineage, names

    engine = opened(store)
    shown.show(tuple(lineage(engine, name) for name in names(engine)))
