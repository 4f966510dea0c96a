"""`qcompat guest reset`: a guest was reset; its marks stay in force."""

from __future__ import annotations

import click

from qcompat.cli.guest.recorded import now, portraits_of, recorded
from qcompat.cli.options.shared import opened, store_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.lineage.event import Reset


@click.command()
@click.argument("name")
@store_option
@shown_as("guest show")
def reset(name: str, store: str, shown: Shown) -> None:
    """Record that a guest was reset on the build where it runs.

    A reset from inside the guest counts as much as one from outside.
    """
    from qcompat.cli.guest.show import show_state
    from qcompat.store.lineages import append

    engine = opened(store)
    grown = append(engine, recorded(engine, name), Reset(now()))
    assert grown.cycle is not None
    show_state(grown, portraits_of(engine, grown.cycle), shown)
