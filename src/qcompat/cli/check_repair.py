"""`qcompat check --repair`: the answer of a check, and what to set on the target."""

from __future__ import annotations

import click

from qcompat.cli.repair import Found, find_remedy, target_build
from qcompat.portrait.portrait import Portrait
from qcompat.verdict.judgement import Judgement
from qcompat.verdict.search.cost import Goal


def show_repaired(
    judgement: Judgement,
    source: Portrait,
    target: Portrait,
    name: str,
    promise: Goal,
    *,
    as_json: bool,
    verbose: bool,
) -> None:
    """Search for a remedy of the way forward, and show both.

    Raises UsageError where the target, called `name`, is no build of this machine.
    """
    found = find_remedy(source, target_build(name), target.guest, promise=promise)
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
    from qcompat.report.repair.text import members

    click.echo(render(judgement, {"repair": members(found)}).encode(), nl=False)
