"""`qcompat cpu compare`: can a guest with this CPU move between two hosts, each way?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qcompat.app.hosts import CpuChoice, cpu_moves
from qcompat.cli.cpu.given import pool_options
from qcompat.cli.options.running import running_options, warn
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run, run_waiting
from qcompat.errors import UsageError
from qcompat.portrait.portraits import Portraits
from qcompat.verdict.gate import EXIT_CODES, kept_of

if TYPE_CHECKING:
    from qcompat.portrait.running.reach.running import Running


@click.command()
@click.argument("source", metavar="HOST")
@click.argument("target", metavar="HOST")
@click.option(
    "--guest",
    metavar="MODEL,+x,-y",
    help="The guest's CPU as given to -cpu, with enforce if the guest uses it.",
)
@running_options
@pool_options
@shown_as("cpu compare")
@click.pass_context
def compare(
    ctx: click.Context,
    source: str,
    target: str,
    guest: str | None,
    running: Running | None,
    accel: str | None,
    build: str | None,
    shown: Shown,
) -> None:
    """Predict whether a guest's CPU survives a move to another host.

    Both directions are answered, with what the guest would notice.

    \b
    Exit codes, for the move from the first host to the second, with the worst build:
      0  ok: the guest sees the same CPU
      1  drift or blocked
      3  unknown
    """
    from qcompat.hosts.cpu.guest_cpu import parse_cpu
    from qcompat.report.cpu.answers import CpuMoves

    cpu = parse_cpu(_asked(guest, running))
    choice = CpuChoice(accel, build)
    moves = run(lambda: cpu_moves((source, target), cpu, choice, Portraits.here()))
    shown.show(CpuMoves(cpu, moves))
    ctx.exit(max(EXIT_CODES[kept_of(forward.outcome)] for forward, _ in moves))


def _asked(guest: str | None, running: Running | None) -> str:
    if (guest is None) == (running is None):
        raise UsageError(
            "the guest's processor is given twice" if guest else "no processor is given",
            "give --guest MODEL,+x,-y, or a running guest: --domain NAME, --pid N or --qmp SOCKET",
        )
    if guest is not None:
        return guest
    from qcompat.app.cpu_of_running import cpu_of_running

    assert running is not None
    warn(running)
    return run_waiting(cpu_of_running(running))
