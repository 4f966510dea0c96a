"""`qcompat check`: can this guest migrate from one build to another, and back?

The exit code is about the way forward alone; the way back is in the answer.
"""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.check import CheckQuestion
from qcompat.app.check import check as ask
from qcompat.app.repair import RepairQuestion
from qcompat.cli.check_hosts import hosts_of_check
from qcompat.cli.event_loop import run
from qcompat.cli.guest_options import guest_options
from qcompat.cli.json_option import json_option
from qcompat.cli.promise_option import EXIT_CODES, promise_option
from qcompat.portrait.portraits import Portraits
from qcompat.verdict.judgement import Judgement
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
    help="The host that SOURCE runs on, as written by `qcompat host capture`,",
)
@click.option(
    "--target-host",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="and that of TARGET: what the hosts deny the guest counts too.",
)
@click.option(
    "--repair",
    "is_repaired",
    is_flag=True,
    help="Also search what to set on TARGET, a build of this machine (see `qcompat repair`).",
)
@json_option
@click.option("-v", "--verbose", is_flag=True, help="Leave nothing out of the text.")
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
    as_json: bool,
    verbose: bool,
) -> None:
    """Predict whether a guest can migrate to another build, and back.

    SOURCE and TARGET are builds (see `qcompat builds list`) or portrait files. A portrait file
    contains its guest. Otherwise describe the guest: --machine and --device for a small guest
    with one device, or a whole guest as QEMU ARGUMENTS after `--`.

    \b
    Exit codes, for the migration from SOURCE to TARGET:
      0  ok: the guest loads and sees the same hardware
      1  drift or blocked: that promise is broken (with --promise loads: blocked)
      3  unknown: too little is known to decide
    """
    hosts = hosts_of_check(source_host, target_host, is_repaired=is_repaired)
    portraits = Portraits.here()
    checked = run(lambda: ask(CheckQuestion(source, target, asked, hosts), portraits))
    judgement = checked.judgement
    if is_repaired:
        from qcompat.cli.check_repair import show_repaired

        question = RepairQuestion(
            checked.source, target, AskedGuest(checked.target.guest), promise=promise
        )
        show_repaired(judgement, question, portraits, as_json=as_json, verbose=verbose)
    else:
        _show(judgement, as_json, verbose)
    ctx.exit(EXIT_CODES[promise][judgement.forward.verdict])


def _show(judgement: Judgement, as_json: bool, verbose: bool) -> None:
    if as_json:
        from qcompat.report.check.document import render

        click.echo(render(judgement).encode(), nl=False)  # JSON is UTF-8 in every locale
        return
    from rich.console import Console

    from qcompat.report.check.text import write

    write(judgement, Console(highlight=False), verbose=verbose)
