"""`qcompat rehearse`: the migration of a running guest, tried on targets without moving it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.cli.guest.recorded import now as time_now
from qcompat.cli.guest.recorded import recorded
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.gate import TRIED, gate_options
from qcompat.cli.options.running import running_options
from qcompat.cli.options.running_question import announced, argv_option, from_option
from qcompat.cli.options.shared import opened, store_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.options.snapshot import snapshot_option
from qcompat.cli.process.event_loop import run_waiting
from qcompat.cli.prove import exit_code
from qcompat.errors import UsageError
from qcompat.portrait.portraits import Portraits

if TYPE_CHECKING:
    from qcompat.app.rehearse.guest_now import GuestNow
    from qcompat.app.rehearse.rehearse import Rehearsed
    from qcompat.lineage.lineage import Lineage
    from qcompat.portrait.running.reach.running import Running
    from qcompat.verdict.gate import Gate


@click.command()
@running_options
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A guest that runs elsewhere: its portrait, from `qcompat portrait take` there; or one "
    "that was saved: a save image, a migration file, a qcow2 image.",
)
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="BUILD",
    shell_complete=complete_build,
    help="A target; may be given many times.",
)
@click.option("--back", is_flag=True, help="Load what the target saves on the guest's own build.")
@click.option("--times", type=click.IntRange(1, 1000), default=1, metavar="N", help="Load N times.")
@click.option(
    "--timeout",
    type=click.FloatRange(1, 86400),
    metavar="SECONDS",
    help="When a target counts as hung. By default 60 s.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIRECTORY",
    help="Keep streams, portraits and logs there, an archive for each target.",
)
@click.option(
    "--name", default="", help="The guest's name in the store: keep the outcome in its lineage."
)
@store_option
@from_option
@argv_option
@snapshot_option
@gate_options(TRIED, default="loads")
@shown_as("rehearse", verbose="Show every part that looks beyond the stream, and the logs.")
@click.pass_context
def rehearse(
    ctx: click.Context,
    running: Running | None,
    state: Path | None,
    targets: tuple[str, ...],
    back: bool,
    times: int,
    timeout: float | None,
    keep: Path | None,
    name: str,
    store: str,
    build: str,
    argv: Path | None,
    snapshot: str | None,
    gate: Gate,
    shown: Shown,
) -> None:
    """Try the migration of a running guest without moving it.

    The guest is stopped for a millisecond or two, in which its QEMU writes its device state (not
    its memory), and runs on. That state is really loaded by each target, in a paused twin in a
    sandbox. Nothing of the guest's disks, networks or memory is touched or copied.

    \b
    Exit codes:
      0  every target loads the guest as it is now
      1  a target does not, or the guest cannot be migrated at all
      3  the outcome varies, contradicts its verdict, or depends on what a rehearsal lacks
    """
    from qcompat.app.rehearse.rehearse import RehearseQuestion, rehearse_on_targets
    from qcompat.verdict.gate import Exit

    _refuse_unclear(running, state, targets, keep)
    lineage = recorded(opened(store), name) if name else None
    portraits = Portraits.here()
    at, now = time_now(), _guest_now(portraits, running, state, targets, build, argv, snapshot)
    question = RehearseQuestion(targets, back, times, timeout, keep)
    rehearsed = run_waiting(rehearse_on_targets(question, now, portraits))
    if lineage:
        _record(lineage, rehearsed, at, store)
    code = _exit_code(rehearsed, gate)
    shown.show(rehearsed, Exit(code, gate))
    ctx.exit(code)


def _record(lineage: Lineage, rehearsed: Rehearsed, at: str, store: str) -> None:
    from qcompat.app.lineage.record import record_rehearsals

    record_rehearsals(lineage, rehearsed, at, opened(store))


def _refuse_unclear(
    running: Running | None,
    state: Path | None,
    targets: tuple[str, ...],
    keep: Path | None,
) -> None:
    from qcompat.app.running.targets import distinct

    if (running is None) == (state is None):
        raise UsageError(
            "one running guest is needed"
            if running is None
            else "--state and a running guest name two guests",
            "give --domain NAME, --pid N or --qmp SOCKET where it runs, or --state FILE of a guest"
            " that runs elsewhere",
        )
    distinct(targets)
    if keep and not keep.is_dir():
        raise UsageError(f"--keep {keep} is not a directory", "make it, or name another")


def _guest_now(
    portraits: Portraits,
    running: Running | None,
    state: Path | None,
    targets: tuple[str, ...],
    build: str,
    argv: Path | None,
    snapshot: str | None,
) -> GuestNow:
    from qcompat.app.rehearse.guest_now import read_guest_now, take_guest_now

    if state:
        saved = _of_saved(portraits, state, targets, build, argv, snapshot)
        return saved or read_guest_now(state)
    assert running is not None
    words = announced(running, argv)
    return run_waiting(take_guest_now(portraits, running, build, words))


def _of_saved(
    portraits: Portraits,
    state: Path,
    targets: tuple[str, ...],
    build: str,
    argv: Path | None,
    snapshot: str | None,
) -> GuestNow | None:
    """The guest of a save image, a migration file or a qcow2 snapshot; None for another file."""
    from qcompat.app.asked_guest import AskedGuest
    from qcompat.app.given_guest import given_guest
    from qcompat.app.running.saved import SavedQuestion, is_saved, read_saved, saved_guest

    if not is_saved(state):
        return None
    asked = given_guest(argv) if argv else AskedGuest()
    saved = read_saved(SavedQuestion(state, asked, build, snapshot))
    return run_waiting(saved_guest(saved, targets[0], portraits))


def _exit_code(rehearsed: Rehearsed, gate: Gate) -> int:
    """1 where a target fails for sure, 3 where something remains open."""
    codes = [exit_code(trial, gate) for trial in rehearsed.trials]
    if 1 in codes:
        is_open = rehearsed.is_open and not rehearsed.now.blocked
        return 3 if is_open and not all(trial.succeeds for trial in rehearsed.trials) else 1
    return max(codes)
