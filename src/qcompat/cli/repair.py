"""`qcompat repair`: what to set on the target so that a guest's migration works."""

from __future__ import annotations

import click

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.repair import Found, RepairQuestion
from qcompat.app.repair import repair as search
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.gate import gate_options
from qcompat.cli.options.guest import guest_options
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run_waiting
from qcompat.guest.given.forms.shell import split_words
from qcompat.portrait.portraits import Portraits
from qcompat.verdict.gate import Exit, Gate
from qcompat.verdict.remedy import Unrepairable


@click.command()
@click.argument("source", shell_complete=complete_build)
@click.argument("target", shell_complete=complete_build)
@guest_options
@click.option(
    "--prove",
    "is_proven",
    is_flag=True,
    help="Prove it by real loads, without and with the remedy.",
)
@click.option(
    "--on-source",
    metavar="ARGUMENTS",
    help="More QEMU arguments, quoted as one word, that only the source has.",
)
@gate_options(
    "What to achieve, and what the exit code counts: that the guest loads; that nothing changes "
    "for it while it runs either (running, the default); nor after its next reset (unchanged)."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=60.0,
    show_default=True,
    help="How long to search.",
)
@shown_as("repair", has_remedies=True)
@click.pass_context
def repair(
    ctx: click.Context,
    source: str,
    target: str,
    asked: AskedGuest,
    is_proven: bool,
    on_source: str | None,
    gate: Gate,
    seconds: float,
    shown: Shown,
) -> None:
    """Find the QEMU properties that let the target accept a guest.

    The answer is the smallest set of properties with which TARGET takes the guest from SOURCE.
    SOURCE is a build (see `qcompat builds list`) or a portrait file, TARGET a build on this
    machine. The guest is described as for `qcompat check`; with a portrait file as SOURCE it is
    the guest that the target is started with (by default the portrait's own).

    \b
    Exit codes, with the remedy applied:
      0  ok, or nothing to repair: the promise is kept
      1  the promise is still broken
      3  unknown: the search ended before everything was tried
    """
    question = RepairQuestion(
        source,
        target,
        asked,
        on_source=split_words(on_source) if on_source else (),
        promise=gate.goal,
        is_proven=is_proven,
        seconds=seconds,
    )
    repaired = run_waiting(search(question, Portraits.here()))
    code = exit_code(repaired.found, gate)
    shown.show(repaired, Exit(code, gate))
    ctx.exit(code)


def exit_code(found: Found, gate: Gate) -> int:
    """What the command ends with."""
    if found is None:
        return 0
    if isinstance(found, Unrepairable):
        return 3 if found.is_open else 1
    return 1 if found.contradictions else gate.exit_code(found.verdict)
