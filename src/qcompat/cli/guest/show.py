"""`qcompat guest show`: where a guest has run, its marks, and what it carries."""

from __future__ import annotations

from collections.abc import Mapping

import click

from qcompat.cli.guest.recorded import portraits_of, recorded
from qcompat.cli.options.shared import opened, store_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.lineage.lineage import Lineage, Mark
from qcompat.portrait.portrait import Portrait


@click.command()
@click.argument("name")
@store_option
@shown_as("guest show", has_remedies=True)
def show(name: str, store: str, shown: Shown) -> None:
    """Show where a guest has run, its marks and its start line."""
    engine = opened(store)
    found = recorded(engine, name)
    show_state(found, portraits_of(engine, found.cycle) if found.cycle else {}, shown)


def show_state(
    lineage: Lineage,
    kept: Mapping[str, Portrait],
    shown: Shown,
    dropped: tuple[Mark, ...] = (),
) -> None:
    """Show a lineage; `dropped` are the marks that a power-off has just ended."""
    from qcompat.lineage.state import state_of
    from qcompat.report.lineage.answers import GuestState

    shown.show(GuestState(state_of(lineage, kept), dropped))
