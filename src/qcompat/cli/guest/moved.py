"""`qcompat guest moved`: how a guest gets to a build, and the record that it went there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from qcompat.cli.guest.recorded import now, portraits_of, recorded
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.gate import gate_options
from qcompat.cli.options.shared import (
    base_type_option,
    opened,
    store_option,
)
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run_waiting
from qcompat.errors import UsageError
from qcompat.lineage.lineage import powered_on
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits

if TYPE_CHECKING:
    from qcompat.verdict.gate import Gate


@click.command()
@click.argument("name")
@click.argument("build", shell_complete=complete_build)
@click.option(
    "--dry-run", is_flag=True, help="Only show how BUILD must be started; record nothing."
)
@click.option(
    "--anyway",
    is_flag=True,
    help="Record it even if it cannot go there by the verdict, or the verdict is unknown.",
)
@base_type_option
@gate_options(
    "What the exit code of --dry-run counts: that the guest loads (default); that nothing changes "
    "for it while it runs either (running), nor after its next reset (unchanged).",
    default="loads",
)
@store_option
@shown_as("guest moved", has_remedies=True)
@click.pass_context
def moved(
    ctx: click.Context,
    name: str,
    build: str,
    dry_run: bool,
    anyway: bool,
    base_type: bool,
    gate: Gate,
    store: str,
    shown: Shown,
) -> None:
    """Record that a guest was migrated to another build.

    The marks that it needs there are recorded too. Before the migration, --dry-run prints how
    BUILD must be started for this guest with its history: the marks in force, what must be set
    beyond them, and the whole command line.

    \b
    Exit codes with --dry-run: those of `qcompat check`
    Without: 0 recorded; 1 not recorded, because the guest cannot run there; 3 not recorded,
    because it is not known whether it can
    """
    from qcompat.app.lineage.move import plan_move
    from qcompat.app.lineage.on_target import on_base_type
    from qcompat.app.lineage.record import record_move
    from qcompat.report.lineage.answers import GuestMove
    from qcompat.verdict.gate import Gate

    engine = opened(store)
    before = recorded(engine, name)
    cycle = powered_on(before)
    kept = portraits_of(engine, cycle)
    _refuse_lacking(cycle.started.portrait, kept, name)
    if base_type:
        cycle, kept = on_base_type(cycle, kept)
    move = run_waiting(plan_move(Portraits.here(), cycle, kept, build))
    not_recorded = 0 if anyway else Gate("loads").exit_code(move.verdict)
    recording = not dry_run and not not_recorded
    grown = record_move(before, move, now(), engine) if recording else before
    end = gate.exit(move.verdict) if dry_run else None
    shown.show(GuestMove(before, grown, move, recording), end)
    ctx.exit(end.code if end else not_recorded)


def _refuse_lacking(digest: str, kept: Mapping[str, Portrait], name: str) -> None:
    if digest not in kept:
        raise UsageError(
            f"the portrait from the start of {name!r} is not in the store",
            "the store was changed by hand; record the guest again at its next power-on",
        )
