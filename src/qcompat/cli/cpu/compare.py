"""`qcompat cpu compare`: can a guest with this CPU move between two hosts, each way?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from qcompat.cli.cpu.given import pool_options
from qcompat.cli.promise_option import EXIT_CODES
from qcompat.cli.shown import Shown, shown_as
from qcompat.errors import UsageError
from qcompat.hosts.cpu.guest_cpu import GuestCpu
from qcompat.hosts.cpu.migration import CpuMigration


@click.command()
@click.argument("source", metavar="HOST")
@click.argument("target", metavar="HOST")
@click.option(
    "--guest",
    metavar="MODEL,+x,-y",
    help="The guest's CPU, as after -cpu; with enforce if the guest has it.",
)
@click.option(
    "--qmp",
    metavar="SOCKET",
    type=click.Path(path_type=Path),
    help="Or the QMP socket of a running guest, whose CPU it is.",
)
@pool_options
@shown_as("cpu compare")
@click.pass_context
def compare(
    ctx: click.Context,
    source: str,
    target: str,
    guest: str | None,
    qmp: Path | None,
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

    cpu = parse_cpu(_asked(guest, qmp))
    moves = _moves(source, target, cpu, accel, build)
    shown.show(CpuMoves(cpu, moves))
    ctx.exit(max(EXIT_CODES["unchanged"][forward.outcome] for forward, _ in moves))


def _asked(guest: str | None, qmp: Path | None) -> str:
    if (guest is None) == (qmp is None):
        raise UsageError(
            "the guest's processor is given twice" if guest else "no processor is given",
            "give --guest MODEL,+x,-y or --qmp SOCKET",
        )
    if guest is not None:
        return guest
    from qcompat.cli.cpu.running import cpu_of_running

    assert qmp is not None
    return cpu_of_running(qmp)


def _moves(
    source: str, target: str, cpu: GuestCpu, accel: str | None, build: str | None
) -> Sequence[tuple[CpuMigration, CpuMigration]]:
    """There and back, for each build of the one with each of the other."""
    from qcompat.cli.cpu.given import hosts_of
    from qcompat.hosts.cpu.features.masks import FeatureMasks
    from qcompat.hosts.cpu.migration import migrate_cpu
    from qcompat.hosts.cpu.offer import offers_of

    masks = FeatureMasks()
    one, other = hosts_of((source, target))
    offers = offers_of((one, other), masks, accelerator=accel, build=build)
    ours = [offer for offer in offers if offer.host is one]
    theirs = [offer for offer in offers if offer.host is other]
    return [
        (migrate_cpu(masks, here, there, cpu), migrate_cpu(masks, there, here, cpu))
        for here in ours
        for there in theirs
    ]
