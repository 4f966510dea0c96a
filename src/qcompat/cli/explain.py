"""`qcompat explain`: the page of a rule that an answer names."""

from __future__ import annotations

import difflib

import click

from qcompat.errors import UsageError
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain
from qcompat.rules.registry import RULES, page


@click.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Print what a rule looks for and why it matters.

    RULE is the id that stands with each finding, such as queue_size_exceeded_on_target.
    """
    if rule not in RULES:
        raise UsageError(f"no rule is called {rule!r}", _hint(rule))
    console = Output().console
    hang(console, plain(""), plain(rule, "bold"))
    for paragraph in page(rule).split("\n\n"):
        console.print()
        hang(console, plain(""), plain(" ".join(paragraph.split())))


def _hint(rule: str) -> str:
    close = difflib.get_close_matches(rule, RULES, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else "take the id from a finding"
