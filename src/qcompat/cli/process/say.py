"""What a command says beside its answer: foreign words in it are made harmless."""

from __future__ import annotations

import click

from qcompat.cli.process.waiting import clear
from qcompat.report.terminal.plain import printable


def say(text: str) -> None:
    """A line of standard output."""
    clear()
    click.echo(printable(text))


def note(text: str) -> None:
    """A line of standard error."""
    clear()
    click.echo(printable(text), err=True)
