"""`qcompat prove`: a real migration between builds, and whether it fits what was predicted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qcompat.app.asked_guest import AskedGuest
from qcompat.cli.options.gate import TRIED, gate_options
from qcompat.cli.options.guest import guest_options
from qcompat.cli.options.shared import writable_file
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run_waiting
from qcompat.cli.process.say import note
from qcompat.portrait.portraits import Portraits

if TYPE_CHECKING:
    from qcompat.trial.trial import Trial
    from qcompat.verdict.gate import Gate


class ChainCommand(click.Command):
    """Takes any number of builds, and QEMU's arguments after `--`.

    click knows only one argument of any length, so they are separated at the `--` before it
    looks at them: what stands before it becomes the parameter `stops`, the rest `arguments`.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:at])
        ctx.params["stops"] = ctx.params["arguments"]
        ctx.params["arguments"] = tuple(args[at + 1 :])
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return ["SOURCE TARGET [BUILD]...", "[OPTIONS]", "[-- ARGUMENTS | FILE]"]


@click.command(cls=ChainCommand)
@guest_options
@click.option("--canary", "method", flag_value="canary", help="A paused guest (default).")
@click.option(
    "--live", "method", flag_value="live", help="A Linux guest that runs and checks itself."
)
@click.option(
    "--hotplug",
    is_flag=True,
    help="With --live: plug devices before every hop, and unplug them after it.",
)
@click.option("--back", is_flag=True, help="Go back to SOURCE at the end.")
@click.option(
    "--reset-at",
    multiple=True,
    metavar="N|BUILD",
    help="Reset the guest when it has arrived at this stop; at the first, before it leaves.",
)
@click.option(
    "--variant",
    type=click.Choice(["precopy", "postcopy", "multifd"]),
    help="How the guest migrates. By default precopy.",
)
@click.option("--times", type=click.IntRange(1, 1000), metavar="N", help="Run the trial N times.")
@click.option(
    "--timeout",
    type=click.FloatRange(1, 86400),
    metavar="SECONDS",
    help="When a QEMU counts as hung. By default 60 s for a stop of a canary, 180 s for a live "
    "guest's boot or hop.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep streams, portraits and logs in an archive, whatever the outcome.",
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Repeat the trial in such an archive.",
)
@gate_options(TRIED, default="loads")
@shown_as("prove", verbose="Show everything, both logs too.")
@click.pass_context
def prove(
    ctx: click.Context,
    /,
    stops: tuple[str, ...],
    asked: AskedGuest,
    gate: Gate,
    shown: Shown,
    keep: Path | None,
    replay: Path | None,
    **options: Any,
) -> None:
    """Migrate a guest for real, and compare with the prediction.

    The guest goes from SOURCE to TARGET and on to every further BUILD, named as in `qcompat
    builds list`. Describe it: --machine and --device for a small guest with one device, or a
    whole guest as QEMU ARGUMENTS after `--`. Its disks and networks are replaced by stand-ins;
    nothing of yours is opened.

    \b
    Exit codes:
      0  every hop succeeded (and, with --live, nothing is broken); --promise counts more
      1  a hop failed, or would fail with what had to be left out
      3  the outcome varies between runs, it loaded although the verdict is blocked, or a part
         of the guest that has state or that the guest sees had to be left out
    """
    from qcompat.app.prove.prove import prove as make
    from qcompat.app.prove.question import ProveQuestion
    from qcompat.verdict.gate import Exit

    wanted = writable_file(keep) if keep else None
    question = ProveQuestion(stops=stops, guest=asked, replay=replay, keep=wanted, **options)
    proved = run_waiting(make(question, Portraits.here(), _show_event))
    code = exit_code(proved.trial, gate)
    shown.show(proved, Exit(code, gate))
    ctx.exit(code)


def exit_code(trial: Trial, gate: Gate) -> int:
    """What a command ends with that made this trial."""
    from qcompat.trial.kept import kept
    from qcompat.verdict.gate import EXIT_CODES

    return EXIT_CODES[kept(trial, gate)]


def _show_event(what: str) -> None:
    """What a live trial is doing, for those who wait."""
    if sys.stderr.isatty():
        note(what)
