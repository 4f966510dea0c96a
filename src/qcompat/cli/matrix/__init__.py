"""`qcompat matrix`: every guest on every ordered pair of builds, really migrated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.gate import USUAL, gate_options
from qcompat.cli.options.shared import base_type_option
from qcompat.cli.options.shown import Shown, shown_as

if TYPE_CHECKING:
    from qcompat.verdict.gate import Gate

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("builds", nargs=-1, metavar="BUILD BUILD…", shell_complete=complete_build)
@click.option(
    "--machine", "machines", multiple=True, metavar="TYPE", help="Machine type; repeatable."
)
@click.option(
    "--device",
    "devices",
    multiple=True,
    metavar="TYPE[,PROP=VALUE…]",
    help="A small guest with this one device.",
)
@click.option(
    "--devices",
    "every",
    type=click.Choice(["all"]),
    help="A small guest for each device that all builds have.",
)
@click.option(
    "--guest",
    "guests",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="A whole guest: QEMU's arguments in a file, or a portrait (.qcp).",
)
@base_type_option
@click.option(
    "--accel",
    type=click.Choice(["auto", "kvm", "tcg"]),
    default="auto",
    help="What runs the guests. By default auto: KVM if this machine has it.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="QEMUs to run at once. By default 2 per core.",
)
@click.option("--check", is_flag=True, help="Take the portraits that verdicts still need.")
@click.option("--resume", is_flag=True, help="Continue the last run of the same question.")
@shown_as("matrix", verbose="Show everything.")
@click.option(
    "--baseline",
    type=_FILE,
    metavar="FILE",
    help="Fail only on what got worse since this earlier --json document.",
)
@click.option(
    "--same",
    multiple=True,
    metavar="OLD=NEW",
    help="Which build corresponds to one of the baseline.",
)
@gate_options(
    "What the exit code counts: that guests load; or also that nothing changes for them while "
    "they run (running), nor after their next reset (unchanged). By default loads; with a "
    "baseline, running: that none of this got worse.",
    default=lambda options: USUAL if options["baseline"] else "loads",
)
@click.option(
    "--workers",
    metavar="ADDRESS",
    help="Spread the work over a Dask scheduler's workers (tcp://… or tls://…).",
)
@click.option("--store", metavar="URL", default="", help="Where results are kept.")
@click.pass_context
def matrix(ctx: click.Context, /, gate: Gate, shown: Shown, **options: Any) -> None:
    """Migrate guests for real between all pairs of builds.

    Each guest is saved, paused, on one build and loaded by every other one, in both directions.
    Guests of one device share a QEMU where they can; what fails is tried again alone. Disks and
    networks are replaced by stand-ins; nothing of yours is opened.

    With --workers, every worker needs the same builds under the same names. Dask itself
    authenticates nobody: keep its ports private, or use its TLS settings with a tls:// address.

    \b
    Exit codes:
      0  every guest loads everywhere (with --baseline: nothing got worse); --promise counts more
      1  one does not (with --baseline: something got worse)
      3  nothing fails, but an outcome varies between runs, a guest loads although its verdict
         is blocked, or a part of it had to be left out (with --baseline: something is no longer
         proven)
    """
    from qcompat.cli.matrix.ask import ask

    ctx.exit(ask(options, gate, shown))
