"""What a command says beside its answer: foreign words in it are made harmless."""

from __future__ import annotations

import click

from qcompat.report.terminal.plain import printable


def say(text: str) -> None:
    """A line of standard output."""
    click.echo(printable(text))


def note(text: str) -> None:
    """A line of standard error."""
    click.echo(printable(text), err=True)
