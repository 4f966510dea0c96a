"""`qcompat guest`: what a guest carries from power-on to power-off, recorded and asked."""

from __future__ import annotations

import click

from qcompat.cli.lazy import LazyGroup

COMMANDS = {
    "list": "qcompat.cli.guest.list:list_",
    "moved": "qcompat.cli.guest.moved:moved",
    "off": "qcompat.cli.guest.off:off",
    "reset": "qcompat.cli.guest.reset:reset",
    "show": "qcompat.cli.guest.show:show",
    "start": "qcompat.cli.guest.start:start",
    "targets": "qcompat.cli.guest.targets:targets",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def guest() -> None:
    """Record where a guest has run, and find where it can go.

    \b
    A guest's life:   start → moved, reset, moved … → off
    Ask about it:     show, targets, moved --dry-run, list
    """
