"""`qcompat check`: can this guest migrate from one build to another, and back?

The exit code is about the way forward alone; the way back is in the answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.check import Checked, CheckQuestion
from qcompat.app.check import check as ask
from qcompat.cli.options.guest import guest_options
from qcompat.cli.options.shared import exit_code_of, promise_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run, run_waiting
from qcompat.compare.hosts.differences import HostPair
from qcompat.errors import UsageError
from qcompat.portrait.portraits import Portraits
from qcompat.report.check.answers import CheckAnswer

if TYPE_CHECKING:
    from qcompat.app.repair import Repaired
    from qcompat.verdict.search.cost import Goal


@click.command()
@click.argument("source")
@click.argument("target")
@guest_options
@promise_option()
@click.option(
    "--source-host",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Capture of the host that runs SOURCE (see `qcompat host capture`).",
)
@click.option(
    "--target-host",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Capture of the host that runs TARGET. What hosts deny the guest counts too.",
)
@click.option(
    "--repair",
    "is_repaired",
    is_flag=True,
    help="Also search for what to set on TARGET, a build on this machine (see `qcompat repair`).",
)
@shown_as("check", verbose="Show everything.")
@click.pass_context
def check(
    ctx: click.Context,
    source: str,
    target: str,
    asked: AskedGuest,
    promise: Goal,
    source_host: Path | None,
    target_host: Path | None,
    is_repaired: bool,
    shown: Shown,
) -> None:
    """Predict whether a guest can migrate to another build, and back.

    SOURCE and TARGET are builds (see `qcompat builds list`) or portrait files. A portrait file
    contains its guest. Otherwise describe the guest: --machine and --device for a small guest
    with one device, or a whole guest as QEMU ARGUMENTS after `--`.

    Each finding names its rule; `qcompat explain RULE` prints what that rule looks for.

    \b
    Exit codes, for the migration from SOURCE to TARGET:
      0  ok: the guest loads and sees the same hardware
      1  drift or blocked: that promise is broken (with --promise loads: blocked)
      3  unknown: too little is known to decide
    """
    hosts = _hosts(source_host, target_host, is_repaired=is_repaired)
    portraits = Portraits.here()
    checked = run(lambda: ask(CheckQuestion(source, target, asked, hosts), portraits))
    repaired = _repaired(checked, target, asked, promise, portraits) if is_repaired else None
    shown.show(CheckAnswer(checked.judgement, repaired))
    ctx.exit(exit_code_of(checked.judgement.forward, promise))


def _repaired(
    checked: Checked, target: str, given: AskedGuest, promise: Goal, portraits: Portraits
) -> Repaired:
    """What to set on the target; a mere check does not import what searches for it."""
    from qcompat.app.repair import RepairQuestion, repair

    asked = AskedGuest(checked.target.guest, own=given.own)
    question = RepairQuestion(checked.source, target, asked, promise=promise)
    return run_waiting(repair(question, portraits))


def _hosts(source: Path | None, target: Path | None, *, is_repaired: bool) -> HostPair | None:
    """Both hosts; None where none is given. Errors: UsageError."""
    if source is None and target is None:
        return None
    if source is None or target is None:
        raise UsageError(
            "a capture is given for only one host, and hosts are compared with each other",
            "give both --source-host and --target-host",
        )
    if is_repaired:  # candidates are started here, by a kernel that is neither host's
        raise UsageError(
            "--repair tries its candidates on this machine, and knows nothing about other hosts",
            "leave out --repair, or the hosts; `qcompat host lines` and `qcompat cpu baseline` "
            "show how to make hosts alike",
        )
    from qcompat.hosts.read.recognise import read_host

    return HostPair(read_host(source), read_host(target))
