"""`qcompat guest off`: a guest was powered off; nothing of it is carried any further."""

from __future__ import annotations

import click

from qcompat.cli.guest.recorded import now, recorded
from qcompat.cli.options.shared import opened, store_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.lineage.event import Off


@click.command()
@click.argument("name")
@store_option
@shown_as("guest show")
def off(name: str, store: str, shown: Shown) -> None:
    """Record that a guest was powered off, which drops its marks.

    Do not use it for a reset, or for a guest that was migrated away.
    """
    from qcompat.cli.guest.show import show_state
    from qcompat.store.lineages import append

    engine = opened(store)
    before = recorded(engine, name)
    grown = append(engine, before, Off(now()))
    show_state(grown, {}, shown, dropped=before.cycle.marks if before.cycle else ())
