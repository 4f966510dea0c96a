"""`qcompat check`: can this guest migrate from one build to another, and back?

Where the portraits come from is `portrait.portraits`, the answer `verdict.judge`, its look
`report`. The exit code speaks of the way forward alone; the way back is in the answer.
"""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.cli.check_hosts import hosts_of_check
from qcompat.cli.event_loop import run
from qcompat.cli.guest_options import AskedGuest, guest_options
from qcompat.cli.json_option import json_option
from qcompat.cli.promise_option import EXIT_CODES, promise_option
from qcompat.cli.refused import refuse_impossible_guest
from qcompat.errors import UsageError
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import is_file
from qcompat.verdict.judge import judge
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
    portraits = run(lambda: _portraits(source, target, asked))
    refuse_impossible_guest(*portraits)
    _refuse_different_moments(*portraits)
    _refuse_different_accelerators(*portraits)
    judgement = judge(*portraits, hosts)
    if is_repaired:
        from qcompat.cli.check_repair import show_repaired

        show_repaired(judgement, *portraits, target, promise, as_json=as_json, verbose=verbose)
    else:
        _show(judgement, as_json, verbose)
    ctx.exit(EXIT_CODES[promise][judgement.forward.verdict])


async def _portraits(source: str, target: str, asked: AskedGuest) -> tuple[Portrait, Portrait]:
    files = [end for end in (source, target) if is_file(end)]
    if files and asked != AskedGuest():
        raise UsageError(
            f"{files[0]} is a portrait file, which brings its guest, accelerator and moment along",
            "leave out what describes the guest, or name builds instead of files",
        )
    if len(files) == 1:
        asked = AskedGuest.shown_in(read_portrait(Path(files[0])))
    return await asked.portraits_on(source, target)


def _refuse_different_moments(source: Portrait, target: Portrait) -> None:
    if source.moment != target.moment:
        raise UsageError(
            f"the portraits show different moments: {source.moment} on {source.build}, "
            f"{target.moment} on {target.build}",
            "take both at the same moment (--moment)",
        )


def _refuse_different_accelerators(source: Portrait, target: Portrait) -> None:
    """KVM and TCG send different state (kvmclock, the processor's features) for one guest."""
    if source.accel != target.accel:
        raise UsageError(
            f"the portraits were taken with different accelerators: {source.accel} on "
            f"{source.build}, {target.accel} on {target.build}",
            "take both with the same one (--accel); the bundled ones are taken with kvm, so "
            "beside them a build needs a machine with KVM",
        )


def _show(judgement: Judgement, as_json: bool, verbose: bool) -> None:
    if as_json:
        from qcompat.report.check.document import render

        click.echo(render(judgement).encode(), nl=False)  # JSON is UTF-8 in every locale
        return
    from rich.console import Console

    from qcompat.report.check.text import write

    write(judgement, Console(highlight=False), verbose=verbose)
