"""`qcompat guest show`: where a guest has run, its marks, and what it carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from qcompat.cli.guest.recorded import portraits_of, recorded
from qcompat.cli.options.shared import opened, store_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run_waiting
from qcompat.lineage.lineage import Lineage, Mark
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits

if TYPE_CHECKING:
    from qcompat.app.start_line import StartLine
    from qcompat.lineage.state import State


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

    state = state_of(lineage, kept)
    shown.show(GuestState(state, _start(state), dropped))


def _start(state: State) -> StartLine | None:
    """Its line as the build reads it where it runs."""
    from qcompat.app.start_line import start_line

    cycle = state.lineage.cycle
    if cycle is None:
        return None
    registry = Portraits.here().registry
    return run_waiting(
        start_line(
            registry,
            cycle.current.build,
            state.arguments,
            has_stand_ins=cycle.started.arguments == cycle.started.guest,
        )
    )
