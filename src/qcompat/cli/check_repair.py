"""`qcompat check --repair`: the answer of a check, and what to set on the target."""

from __future__ import annotations

import click

from qcompat.app.repair import Found, RepairQuestion, repair
from qcompat.cli.event_loop import run_waiting
from qcompat.portrait.portraits import Portraits
from qcompat.verdict.judgement import Judgement


def show_repaired(
    judgement: Judgement,
    question: RepairQuestion,
    portraits: Portraits,
    *,
    as_json: bool,
    verbose: bool,
) -> None:
    """Search for a remedy of the way forward, and show both. Errors: as `repair`."""
    found = run_waiting(repair(question, portraits)).found
    if as_json:
        _write_json(judgement, found)
        return
    from rich.console import Console

    from qcompat.report.check.text import write
    from qcompat.report.repair.text import write as write_repair

    console = Console(highlight=False)
    write(judgement, console, verbose=verbose)
    console.print()
    write_repair(judgement.source, judgement.target, found, console)


def _write_json(judgement: Judgement, found: Found) -> None:
    from qcompat.report.check.document import render
    from qcompat.report.repair.document import members

    click.echo(render(judgement, {"repair": members(found)}).encode(), nl=False)
